"""Turns a page into a PDF/UA-1. The only place that knows WeasyPrint."""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from weasyprint import HTML, VERSION, Attachment
from weasyprint.urls import URLFetcher, URLFetcherResponse

from . import tagging

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


def render_pdf(html: str, attached: Mapping[str, bytes] | None = None, *, on: datetime | None = None) -> bytes:
    """The page as a tagged PDF (PDF/UA-1). The same page gives the same bytes.

    Args:
        html: a whole page with language and title; its links to static files are as ``{% static %}`` makes them.
        attached: files to carry along: their names with their content.
        on: when the files are said to be made; it is written in the PDF, so it must not be a clock.
    """
    document = HTML(string=html, base_url=OURSELVES, url_fetcher=StaticFetcher())
    files = [
        Attachment(
            file_obj=io.BytesIO(content), name=name, description=name, created=on, modified=on, relationship="Data"
        )
        for name, content in (attached or {}).items()
    ]
    return document.write_pdf(
        finisher=_mend, attachments=files, pdf_variant="pdf/ua-1", pdf_identifier=b"flere-haender", pdf_tags=True
    )


def _mend(document: Any, pdf: Any) -> None:
    tagging.Structure(document.pages, pdf).mend()
