"""allauth's forms for passkeys; what is no passkey at all is refused as a wrong one is (``MFA_FORMS``)."""

from __future__ import annotations

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms
from django.forms import Form

# What reading something of another shape comes to.
BROKEN = (AttributeError, KeyError, RecursionError, TypeError, ValueError)


class Refusing(Form):
    """Refuses what the reading breaks on."""

    def full_clean(self) -> None:
        try:
            super().full_clean()
        except BROKEN:
            self.add_error("credential", get_adapter().validation_error("incorrect_code"))


class AddPasskey(Refusing, forms.AddWebAuthnForm):
    pass


class ShowPasskey(Refusing, forms.AuthenticateWebAuthnForm):
    pass


class SignInWithPasskey(Refusing, forms.LoginWebAuthnForm):
    pass


class ShowPasskeyAgain(Refusing, forms.ReauthenticateWebAuthnForm):
    pass
