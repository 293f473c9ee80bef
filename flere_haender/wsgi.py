import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flere_haender.settings")
application = get_wsgi_application()

# What is loaded once is kept for ever: the collector need not look through it again and again while a page is drawn,
# and does not copy it from the process that forked.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
