from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class StakeholdersConfig(AppConfig):
    name = "stakeholders"
    verbose_name = "Interessenter"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from .sessions import begin, end_others
        from .sign_ins import listen

        listen()
        user_logged_in.connect(begin)
        authenticator_added.connect(end_others)
