from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class FlereHaenderConfig(AppConfig):
    name = "flere_haender"
    verbose_name = "Flere hænder"

    def ready(self) -> None:
        """Every app's texts and e-mails, and what the worker looks after."""
        autodiscover_modules("texts", "letters", "chores")
