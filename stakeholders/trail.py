"""What is written in the access log when somebody reads: one door, for every page and file.

A member who reads another municipality's pages, whoever is in the admin or sees as somebody else, and everyone who is
signed in and takes out a file leave a trace. ``SHOWS`` says of every address what it shows;
``tests/stakeholders/test_trail.py`` wants each of them to be there. Where the address does not tell whom a page is
about, the view does (``concerns``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from enum import Enum
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from flere_haender.access import membership_of

from .models.access_log import record_reading
from .seeing_as import Seeing, seeing_of

FILE_NAME = re.compile(r"""filename(?:\*=utf-8''([^;]+)|="([^"]*)")""")


class Shows(Enum):
    NOTHING = "what is public, only counts, KL's own, or the reader's own; its files are written down all the same"
    PUBLIC = "what anybody may have, or what writes a line of its own; not even its files are written down here"
    PLACE = "one municipality: the one whose code stands in the address, or that the view tells"
    PLACES = "many municipalities at once"
    ALWAYS = "what is written down whoever reads it"


def _all(shows: Shows, names: str) -> dict[str, Shows]:
    return dict.fromkeys(names.split(), shows)


SHOWS: dict[str, Shows] = {
    **_all(
        Shows.PUBLIC,
        """data dataset public_feed favicon live ready measures security was privacy accessibility about_figures
        glossary lists sources timeline event own_data download_own_data ask_for_erasure""",
    ),
    **_all(
        Shows.NOTHING,
        """recommendations plans plan municipalities indicators indicator cases case my_page welcomed
        issued_reports report_orders order_reports cancel_order issue_report
        rounds add_round change_round run_round record_national undo_status confirm_action decide_case
        upload upload_words invite_list invite_user open_account municipality_choices
        send_invitation_again withdraw_invitation accept_invitation stop_seeing_as
        figure_imports figure_import figure_columns figure_indicators new_indicator save_figures cancel_figures
        withdraw_figures""",
    ),
    **_all(
        Shows.PLACE,
        """front change_role remove_user municipality cell record_status answer_questions users
        actions add_action action change_action preview_case edit_case
        our_status round_progress hand_in take_back decide draft_answer
        workbook download_workbook archive download_archive
        reports report_pdf report_xlsx report_docx report_pptx national_report national_report_pdf
        municipality_report municipality_report_pdf report_order order_zip issued_report""",
    ),
    **_all(
        Shows.PLACES,
        "matrix compare inspiration activity search recommendation plan_recommendation round proposals",
    ),
    **_all(Shows.ALWAYS, "access_log see_as"),
}


def concerns(request: HttpRequest, *codes: int) -> None:
    """Say which municipalities a page or a file is about, by their codes; none is many of them at once."""
    request.concerned = codes or [None]  # type: ignore[attr-defined]  # ours


def shown_by(request: HttpRequest) -> Shows:
    match = request.resolver_match
    if match is None or match.url_name is None:
        return Shows.NOTHING
    if match.namespace:  # the admin
        return Shows.PUBLIC if match.url_name == "jsi18n" else Shows.ALWAYS
    return SHOWS.get(match.url_name, Shows.NOTHING)


class TrailMiddleware:
    """Writes it down when the answer is ready and good, before its first byte is sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if seeing := seeing_of(request):
            record_seen(seeing, request, response)
            return response
        shown = shown_by(request)
        if shown is Shows.PUBLIC or response.status_code >= 300:
            return response
        export = file_name(response)
        if not export and (shown is Shows.NOTHING or request.method != "GET"):
            return response
        reader: Any = request.user
        if reader.is_authenticated and (codes := concerned(request, reader, shown, is_file=bool(export))):
            record_reading(reader, codes, subject=request.path, export=export)
        return response


def record_seen(seeing: Seeing, request: HttpRequest, response: HttpResponseBase) -> None:
    """Every page that is seen as somebody, by the one who looks: to them what is the user's own is somebody else's."""
    if response.status_code < 300 and request.method == "GET":
        codes = told(request, [None if shown_by(request) is Shows.PLACES else own_code(seeing.user)])
        subject = f"{request.path} (som bruger {seeing.user.pk})"
        record_reading(seeing.by, codes, subject=subject, export=file_name(response), about_user=seeing.user)


def concerned(request: HttpRequest, reader: Any, shown: Shows, *, is_file: bool) -> Collection[int | None]:
    """The codes of those that it is about and that are not the reader's own; of a file the own one too."""
    codes = told(request, [None] if is_file or shown is not Shows.PLACE else [])
    own = own_code(reader) or 0  # None among the codes is many of them
    return codes if is_file or shown is Shows.ALWAYS else [each for each in codes if each != own]


def told(request: HttpRequest, otherwise: Collection[int | None]) -> Collection[int | None]:
    """The codes that the view or the address tells."""
    code = request.resolver_match.kwargs.get("code") if request.resolver_match else None
    return getattr(request, "concerned", None) or ([code] if code else otherwise)


def own_code(reader: Any) -> int | None:
    """The code of the reader's own municipality; None is KL."""
    membership = membership_of(reader)
    return membership.municipality.code if membership and membership.municipality else None


def file_name(response: HttpResponseBase) -> str:
    """What the file that it hands out is called; empty for a page."""
    disposition = response.headers.get("Content-Disposition", "")
    found = FILE_NAME.search(disposition)
    name = unquote(found[1] or found[2]) if found else ""
    return (name or "fil") if disposition else ""
