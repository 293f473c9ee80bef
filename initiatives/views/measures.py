"""/sundhed/maal: what a program that watches the service asks for."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from initiatives.measures import text


@login_not_required
@never_cache
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """For who has the token of ``METRICS_TOKEN``; where it is not set, the page is not there."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        raise PermissionDenied
    return HttpResponse(text(), content_type="text/plain; version=0.0.4; charset=utf-8")
