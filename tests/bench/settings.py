"""The product's settings, with one empty page more and a count of queries."""

from flere_haender.settings import *  # noqa: F403 (a settings module is all its names)
from flere_haender.settings import MIDDLEWARE

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE = ["tests.bench.urls.QueryCountMiddleware", *MIDDLEWARE]
