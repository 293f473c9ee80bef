"""The page that the others are measured against: same middleware, session, user and frame, and nothing in it."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import path

from flere_haender.urls import urlpatterns as pages

EMPTY = engines["django"].from_string("{% extends 'base.html' %}")


def empty(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, EMPTY)


urlpatterns = [path("tom/", empty), *pages]


class QueryCountMiddleware:
    """Tells in a header how many queries the answer took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        count = 0

        def counted(execute: Any, *arguments: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*arguments)

        with connection.execute_wrapper(counted):
            response = self.get_response(request)
        response["X-Queries"] = str(count)
        return response
