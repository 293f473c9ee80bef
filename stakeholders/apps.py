from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class StakeholdersConfig(AppConfig):
    name = "stakeholders"
    verbose_name = "Interessenter"

    def ready(self) -> None:
        from .sessions import begin
        from .sign_ins import listen

        listen()
        user_logged_in.connect(begin)
