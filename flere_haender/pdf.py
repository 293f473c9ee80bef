"""Turns a page into a PDF/UA-1. The only place that knows WeasyPrint."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from weasyprint import HTML, VERSION
from weasyprint.urls import URLFetcher, URLFetcherResponse

PRINTER = f"WeasyPrint {VERSION}"
# Never looked up: an address that makes relative links absolute.
OURSELVES = "https://flere-haender.invalid/"


class StaticFetcher(URLFetcher):
    """Reads our own static files and ``data:`` and nothing else."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",))

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        if not url.startswith(OURSELVES):
            return super().fetch(url, headers)
        name = urlsplit(url).path.removeprefix(settings.STATIC_URL)
        path = finders.find(name)
        content = None
        if path:
            with open(path, "rb") as file:
                content = file.read()
        elif staticfiles_storage.exists(name):
            with staticfiles_storage.open(name) as file:
                content = file.read()
        if content is None:
            raise ValueError(f"No such static file: {name}")
        kind = {"css": "text/css", "svg": "image/svg+xml", "woff2": "font/woff2"}.get(name.rpartition(".")[2])
        return URLFetcherResponse(url, content, {"Content-Type": kind or "application/octet-stream"})


def render_pdf(html: str) -> bytes:
    """The page as a tagged PDF (PDF/UA-1). The same page gives the same bytes.

    Args:
        html: a whole page with language and title; its links to static files are as ``{% static %}`` makes them.
    """
    document = HTML(string=html, base_url=OURSELVES, url_fetcher=StaticFetcher())
    return document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"flere-haender", pdf_tags=True)
