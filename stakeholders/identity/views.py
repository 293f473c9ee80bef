"""To the identity provider and back."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit  # what it gives out counts no GET
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from requests import RequestException

from flere_haender.addresses import wanted_address

from ..models import AccessKind, Municipality, User, home_of, record_access
from .adapter import CallbackView, ProviderAdapter
from .providers import name_of
from .reasons import Reason, Refused
from .tying import known

logger = logging.getLogger(__name__)
STATUS = {Reason.UNREACHABLE: 503, Reason.PROVIDER_ERROR: 502}

ProviderView = Callable[[HttpRequest, ProviderAdapter], HttpResponse]


def of_provider(view: ProviderView) -> Callable[[HttpRequest, str], HttpResponse]:
    """A public address of one provider. Who is refused is told why, and it is written down."""

    @wraps(view)
    def checked(request: HttpRequest, provider_id: str) -> HttpResponse:
        if name_of(provider_id) is None:
            raise Http404
        if not ratelimit.consume(request, app="allauth.account", action="login", limit_get=True):
            return ratelimit.respond_429(request)
        try:
            return view(request, ProviderAdapter(request, provider_id))
        except RequestException as error:
            return _refused(request, provider_id, Refused(Reason.UNREACHABLE, type(error).__name__))
        except Refused as refused:
            return _refused(request, provider_id, refused)

    return login_not_required(never_cache(require_safe(checked)))


@of_provider
def start(request: HttpRequest, adapter: ProviderAdapter) -> HttpResponse:
    """Send the browser to the provider, which sends it back to ``callback``. ``next`` says where they land."""
    wanted = wanted_address(request)
    if request.user.is_authenticated:
        return redirect(wanted or "front")
    provider = adapter.get_provider()
    provider.oauth2_adapter_class = ProviderAdapter
    nonce = secrets.token_urlsafe(32)
    answer: HttpResponse = provider.redirect(
        request,
        process=AuthProcess.LOGIN,
        next_url=wanted or None,
        auth_params={"nonce": nonce},
        nonce=nonce,
    )
    return answer


@of_provider
def callback(request: HttpRequest, adapter: ProviderAdapter) -> HttpResponse:
    answer: HttpResponse = CallbackView.adapter_view(adapter)(request)
    return answer


def _refused(request: HttpRequest, provider_id: str, refused: Refused) -> HttpResponse:
    """Write down that somebody was refused, and tell them what they can do."""
    user = known(provider_id, refused.subject) if refused.subject else None
    logger.warning("Sign-in through %s refused: %s", provider_id, refused)
    record_access(
        AccessKind.SIGN_IN_REFUSED,
        by=user,
        municipality=_concerned(refused, user),
        subject=f"Login hos {provider_id}",
        detail=str(refused),
    )
    said = refused.reason.said(provider=name_of(provider_id) or "", contact=settings.CONTACT_EMAIL)
    context: dict[str, Any] = {"said": said, "code": refused.reason.value, "provider_id": provider_id}
    status = STATUS.get(refused.reason, 403)
    return TemplateResponse(request, "account/refused.html", context, status=status)


def _concerned(refused: Refused, user: User | None) -> Municipality | None:
    if refused.cvr:
        return Municipality.objects.filter(cvr=refused.cvr).first()
    return home_of(user) if user else None
