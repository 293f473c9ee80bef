"""Where a request comes from. A proxy is believed only where ``TRUSTED_PROXIES`` says so. Imports no app."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MOST_PROXIES = 20  # what stands further to the left in the header was not written by proxies of ours
LONGEST_HOP = 60  # characters: an IPv6 address with brackets and a port
WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](:\d+)?|(?P<v4>[\d.]+):\d+")


def networks(names: Iterable[str]) -> list[Network]:
    """The networks that these are written as, such as ``10.0.0.0/8``; an address is a network of one.

    Gunicorn reads the same variable, and takes no ``10.0.0.5/8``.

    Raises ImproperlyConfigured, in Danish.
    """
    return [_network(name.strip()) for name in names if name.strip()]


def _network(name: str) -> Network:
    try:
        return ip_network(name)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"TRUSTED_PROXIES: {name} er ikke et netværk. Skriv netværk med komma imellem, for eksempel "
            "10.0.0.0/8,192.168.1.5."
        ) from error


def client_address(request: HttpRequest) -> str:
    """The address of the one who asks: the rightmost in ``X-Forwarded-For`` that is no trusted proxy.

    The header counts only when it comes from a trusted proxy (or through a socket, which only this machine can write
    to). Where it stops making sense, the last that did make sense is the answer.

    Returns:
        An IPv4 or IPv6 address; empty when there is none, as for a socket without a proxy before it.
    """
    last = _parsed(request.META.get("REMOTE_ADDR", ""))
    if not settings.TRUSTED_PROXIES or not (last is None or _is_trusted(last)):
        return str(last or "")
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", MOST_PROXIES)
    for hop in reversed(hops[-MOST_PROXIES:]):
        address = _parsed(hop)
        if address is None:
            break
        last = address
        if not _is_trusted(address):
            break
    return str(last or "")


def _parsed(text: str) -> Address | None:
    """The address, without a port, brackets or a zone; an IPv4 address in IPv6's clothes is IPv4."""
    text = text.strip()
    if len(text) > LONGEST_HOP:
        return None
    if found := WITH_PORT.fullmatch(text):
        text = found["v6"] or found["v4"]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)
