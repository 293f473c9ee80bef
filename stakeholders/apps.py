from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out


class StakeholdersConfig(AppConfig):
    name = "stakeholders"
    verbose_name = "Interessenter"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from .seeing_as import signed_out
        from .sessions import begin, end_others
        from .sign_ins import listen

        user_logged_out.connect(signed_out)  # before it is written down that they have signed out
        listen()
        user_logged_in.connect(begin)
        authenticator_added.connect(end_others)
