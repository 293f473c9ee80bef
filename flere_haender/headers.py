"""The headers that every answer has, whoever makes it: a page, a refusal, a file, a redirect."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

# What browsers offer pages and no page of ours needs.
UNUSED = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope"),
    *("magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
PERMISSIONS = ", ".join(f"{feature}=()" for feature in UNUSED)
SAFE = ("GET", "HEAD", "OPTIONS")


class HeadersMiddleware:
    """No page uses the camera, no other site shows our files, and nobody keeps what is for one reader.

    It stands outside everything else that answers. An answer that says itself how long it may be kept is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", self._kept(request, response))
        return response

    def _kept(self, request: HttpRequest, response: HttpResponse) -> str:
        # The user that was looked up for this answer, if any was: here nobody asks the database any more.
        user: Any = getattr(request, "_cached_user", None)
        is_personal = (user is not None and user.is_authenticated) or request.method not in SAFE or response.cookies
        return "private, no-store" if is_personal else "no-cache"
