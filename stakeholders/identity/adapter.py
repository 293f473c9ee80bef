"""Where signing in through an identity provider hangs in allauth.

allauth has the addresses, the state, PKCE and the exchange of the code; whether the token holds, and who is let in,
is decided here, before allauth signs anybody in.
"""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from requests import RequestException

from flere_haender.identity_providers import is_safe

from .claims import Rules, access_in, person_in
from .reasons import TAKES_ROLE_AWAY, Reason, Refused
from .tokens import verified
from .tying import admit, take_away

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
BROKEN = (AttributeError, KeyError, TypeError, ValueError)  # what allauth makes of an answer of another shape


class ProviderAdapter(OpenIDConnectOAuth2Adapter):
    """Asks the provider, and believes its signature alone."""

    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself. It must call itself what the settings call it (Discovery 1.0, 4.3)."""
        try:
            config: dict[str, Any] = super().openid_config
            ours = self.get_provider().app.settings["server_url"].rstrip("/")
            fits = config["issuer"].rstrip("/") == ours and all(is_safe(config[name]) for name in ENDPOINTS)
        except RequestException:
            raise
        except BROKEN as error:
            raise Refused(Reason.PROVIDER_ERROR, "discovery is broken") from error
        if not fits:
            raise Refused(Reason.PROVIDER_ERROR, "discovery is of another issuer")
        return config

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            answer = super().get_access_token_data(*args, **kwargs)
        except RequestException:
            raise
        except BROKEN as error:
            raise Refused(Reason.PROVIDER_ERROR, "token answer is broken") from error
        return {"access_token": str(answer["access_token"]), "id_token": answer.get("id_token")}

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """The sign-in that the ID token holds for; nothing of its claims is kept. Raises Refused."""
        with get_adapter().get_requests_session() as session:
            response = session.get(self.openid_config["jwks_uri"])
            response.raise_for_status()
        claims = verified(
            kwargs["response"]["id_token"],
            keys=response.json(),
            issuer=self.openid_config["issuer"],
            client_id=app.client_id,
            nonce=self.nonce,
        )
        login = self.get_provider().sociallogin_from_response(request, {"id_token": {"sub": claims["sub"]}})
        login.account.extra_data = {}
        login.claims = claims
        return login


class CallbackView(OAuth2CallbackView):
    """As allauth's, with the nonce that was sent along."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, answer = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, answer


class SocialAdapter(DefaultSocialAccountAdapter):
    """Who is let in. Nobody signs up: a user is made by the claims, or not at all."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find or make the user before allauth signs in. Raises Refused."""
        provider = sociallogin.account.provider
        rules = Rules.of(sociallogin.provider.app.settings)
        subject = sociallogin.claims["sub"]
        try:
            access = access_in(sociallogin.claims, rules, kl_cvr=settings.KL_CVR)
            sociallogin.user = admit(provider, person_in(sociallogin.claims, rules), access)
        except Refused as refused:
            refused.subject = subject
            if refused.reason in TAKES_ROLE_AWAY:
                take_away(provider, subject, rules)
            raise
        sociallogin.account = SocialAccount.objects.get(provider=provider, uid=subject)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Say what went wrong in our words. Raises Refused, always."""
        if error == AuthError.CANCELLED:
            raise Refused(Reason.CANCELLED)
        if isinstance(exception, RequestException):
            raise Refused(Reason.UNREACHABLE, type(exception).__name__) from exception
        if exception is None and "state_id" in (extra_context or {}):
            raise Refused(Reason.STATE)
        raise Refused(Reason.PROVIDER_ERROR, type(exception).__name__ if exception else "answered with an error")
