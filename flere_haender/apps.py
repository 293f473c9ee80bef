from django.apps import AppConfig


class FlereHaenderConfig(AppConfig):
    name = "flere_haender"
    verbose_name = "Flere hænder"
