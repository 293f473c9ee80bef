"""What somebody had typed when their session ran out: kept until they have signed in again, and given back once."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

SESSION_KEY = "typed"
LIMIT = 1_000_000  # characters, as they are sent

View = Callable[..., HttpResponse]


def gives_back(view: Any) -> Any:
    """Mark a view that shows its form with what ``take_typed`` returns. Only for those is anything kept."""
    view.gives_back = True
    return view


def keep_typed(request: HttpRequest, view: Any) -> None:
    """Keep the form that was sent to this address by somebody who is no longer signed in."""
    data = request.POST.copy()
    data.pop("csrfmiddlewaretoken", None)
    text = data.urlencode()
    if getattr(view, "gives_back", False) and text and len(text) <= LIMIT:
        request.session[SESSION_KEY] = {"path": request.path, "data": text}


def take_typed(request: HttpRequest) -> QueryDict | None:
    """What was kept for this address; once."""
    kept = request.session.get(SESSION_KEY)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[SESSION_KEY]
    return QueryDict(kept["data"])
