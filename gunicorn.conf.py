"""How gunicorn serves: read by every `gunicorn` that is started in this folder. README.md lists the variables."""

import os
from pathlib import Path

wsgi_app = "flere_haender.wsgi"
bind = os.environ.get("WEB_BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"
# A process uses at most one core, and some 70 MB; its threads wait for the database and for slow readers.
workers = int(os.environ.get("WEB_PROCESSES") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)
# What all processes share is loaded once, and none takes requests before it can answer.
preload_app = True

# Seconds. A process that gives no sign of life is replaced; it does so while its threads work on something long.
timeout = int(os.environ.get("WEB_TIMEOUT") or 30)
# What is in hand when we are told to stop (SIGTERM) is finished first.
graceful_timeout = int(os.environ.get("WEB_GRACE") or 30)
# How long a proxy may keep a connection for its next request.
keepalive = int(os.environ.get("WEB_KEEPALIVE") or 5)
# A process is replaced after so many requests, not all at once; whatever may have grown in it goes with it.
max_requests = int(os.environ.get("WEB_MAX_REQUESTS") or 10_000)
max_requests_jitter = max_requests // 10

# The proxies that are believed when they say that the request came by https, and from where.
if proxies := os.environ.get("TRUSTED_PROXIES"):
    forwarded_allow_ips = proxies

loglevel = "warning"
control_socket_disable = True
# The signs of life are written in memory, so a full or slow disk does not look like a process that hangs.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
