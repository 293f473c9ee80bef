from django.http import HttpRequest

from .models import User


class UserRequest(HttpRequest):
    """Of somebody who is signed in."""

    user: User
