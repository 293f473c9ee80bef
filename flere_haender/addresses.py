"""Addresses: of our pages, remembered, since a page of the whole country holds hundreds and Django looks each up anew;
and where somebody is going.
"""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


@lru_cache(maxsize=10000)
def address(name: str, *arguments: int | str) -> str:
    """Where the page of a name is; as ``reverse``, which raises NoReverseMatch."""
    return reverse(name, args=arguments)


def wanted_address(request: HttpRequest) -> str:
    """Where ``next`` says that they land after they have signed in; empty when it leads out of the service."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""
