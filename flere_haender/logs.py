"""One line of JSON for each request, error and job, with nothing in it about anybody.

A request is told by the name of its route, never by its address, which may hold a token or what somebody searched
for. Of an error the kind and the places are told, not its message, which may quote a row. What others log is kept
with its numbers and codes alone. A request's id ties its lines together, and stands on the page that says it failed.
"""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

requests = logging.getLogger("flere_haender.requests")
request_id: ContextVar[str] = ContextVar("request_id", default="")

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
AN_ID = re.compile(r"[0-9A-Fa-f-]{16,64}")
A_CODE = re.compile(r"[a-z0-9_.-]{1,60}")
NONE = re.compile(r"(?!)")
QUOTES_THE_REQUEST = ("django.request", "django.security")
# Whose words in a message are codes, such as the name of a job; others may quote an address or what was typed.
SPEAK_IN_CODES = ("flere_haender", "stakeholders", "timeline", "initiatives", "django_tasks")


class RequestLogMiddleware:
    """Gives each request an id and logs how it went.

    The id is the proxy's, where there is one and it looks like one; it goes back as ``X-Request-ID``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        given = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
        token = request_id.set(given if AN_ID.fullmatch(given) else uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            requests.info("request", extra={"fields": _about(request, response, time.perf_counter() - began)})
            return response
        finally:
            request_id.reset(token)


def _about(request: HttpRequest, response: HttpResponse, seconds: float) -> dict[str, Any]:
    return {
        "method": request.method if request.method in METHODS else "other",
        "route": _route(request),
        "status": response.status_code,
        "ms": round(seconds * 1000),
        "role": _role(request),
        "bytes": None if response.streaming else len(response.content),
    }


def _route(request: HttpRequest) -> str:
    if request.resolver_match is not None:
        return request.resolver_match.view_name
    return "static" if request.path.startswith(settings.STATIC_URL) else "-"


def _role(request: HttpRequest) -> str:
    """As what, as far as it was looked up for the answer: the log asks the database nothing."""
    user: Any = getattr(request, "_cached_user", None)
    if user is None or user.is_anonymous:
        return "visitor"
    membership = user.__dict__.get("membership")
    if membership is not None:
        return str(membership.role)
    return "superuser" if user.is_superuser else "user"


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        if request_id.get():
            line["id"] = request_id.get()
        error = record.exc_info[1] if record.exc_info else None
        return json.dumps({**line, **getattr(record, "fields", {}), **(described(error) if error else {})})


def _event(record: logging.LogRecord) -> str:
    """The message, with nothing in its places but numbers, kinds of errors and our own codes."""
    if record.name.startswith(QUOTES_THE_REQUEST):
        return record.name
    args: Any = record.args
    if not args:
        return str(record.msg)
    codes = A_CODE if record.name.startswith(SPEAK_IN_CODES) else NONE
    told = {name: _told(args[name], codes) for name in args} if isinstance(args, dict) else None
    try:
        return str(record.msg) % (told or tuple(_told(arg, codes) for arg in args))
    except (TypeError, ValueError):
        return str(record.msg)


def _told(arg: Any, codes: re.Pattern[str]) -> Any:
    if isinstance(arg, BaseException):
        return type(arg).__name__
    return arg if isinstance(arg, int | float) or codes.fullmatch(str(arg)) else "…"


def described(error: BaseException) -> dict[str, Any]:
    """What broke and where: the kinds of errors, one behind the other, and the places in the code."""
    chain = [error]
    while (before := chain[-1].__cause__ or chain[-1].__context__) is not None and before not in chain:
        chain.append(before)
    frames = [f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_tb(error.__traceback__)]
    places = [frame for place, frame in enumerate(frames) if _is_ours(frame) or place >= len(frames) - 3]
    found: dict[str, Any] = {
        "error": " < ".join(type(each).__name__ for each in chain),
        "at": [place.removeprefix(f"{settings.BASE_DIR}/").rpartition("site-packages/")[2] for place in places[-12:]],
    }
    state = next(filter(None, (getattr(each, "pgcode", None) for each in chain)), None)
    return found | {"sqlstate": state} if state else found


def _is_ours(frame: str) -> bool:
    return frame.startswith(f"{settings.BASE_DIR}/") and "site-packages" not in frame
