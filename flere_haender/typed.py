"""What somebody had typed when their session ran out: kept until they have signed in again, and given back once."""

from django.http import HttpRequest, QueryDict

SESSION_KEY = "typed"
LIMIT = 100_000  # characters


def keep_typed(request: HttpRequest) -> None:
    """Keep the form that was sent to this address by somebody who is no longer signed in."""
    data = request.POST.copy()
    data.pop("csrfmiddlewaretoken", None)
    text = data.urlencode()
    if text and len(text) <= LIMIT:
        request.session[SESSION_KEY] = {"path": request.path, "data": text}


def take_typed(request: HttpRequest) -> QueryDict | None:
    """What was kept for this address; once."""
    kept = request.session.get(SESSION_KEY)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[SESSION_KEY]
    return QueryDict(kept["data"])
