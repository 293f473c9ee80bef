from django.apps import AppConfig


class StakeholdersConfig(AppConfig):
    name = "stakeholders"
    verbose_name = "Interessenter"

    def ready(self) -> None:
        from .sign_ins import listen

        listen()
