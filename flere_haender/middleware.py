from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from .typed import keep_typed


class RefuseNulMiddleware:
    """No text of ours holds a NUL, and the database takes none: in the admin, an address with one is a bad request.

    Our own pages say it at the field.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        texts = [text for _, values in request.GET.lists() for text in values]
        if request.path.startswith("/admin/") and any("\x00" in text for text in [request.path, *texts]):
            raise BadRequest("NUL")
        return self.get_response(request)


class KnownMethodsMiddleware:
    """Nothing here answers other methods than these, whatever a view or a library would do with them."""

    KNOWN = ("GET", "HEAD", "POST")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request) if request.method in self.KNOWN else HttpResponseNotAllowed(self.KNOWN)


class FormAddressMiddleware:
    """The address of a refused form stands in the address bar; opened as a page it gets one, not an empty answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET":
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


class SignInMiddleware(LoginRequiredMiddleware):
    """Closes everything that is not marked public. A part of a page is not swapped for the sign-in page.

    What was typed in a form is given back after the sign-in.
    """

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        refusal = super().process_view(request, view_func, view_args, view_kwargs)
        if refusal and request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        if refusal and request.method == "POST":
            keep_typed(request, view_func)
        return refusal
