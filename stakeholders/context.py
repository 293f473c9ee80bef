from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from flere_haender.access import membership_of

from .identity import providers
from .models import Installation
from .second_factor import is_required, may_pass
from .seeing_as import seeing_of


def service(request: HttpRequest) -> dict[str, Any]:
    """What every page knows: its reader's membership, whether they see as somebody else, whether this is a demo."""
    return {
        "seeing_as": seeing_of(request),
        "membership": membership_of(getattr(request, "user", None)),
        "service": {
            "demo": SimpleLazyObject(Installation.is_demo),
            "two_steps": SimpleLazyObject(is_required),
            "lacks_second_step": SimpleLazyObject(lambda: not may_pass(request)),
            "contact_email": settings.CONTACT_EMAIL,
            "identity_providers": providers.names(),
        },
    }
