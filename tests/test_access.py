"""Who gets what at every address. An address that is not in the table fails."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from stakeholders.models import Municipality, User
from tests.addresses import Arguments, address_of, named_patterns, written
from tests.factories import AsUser, cell_of

pytestmark = pytest.mark.django_db

# gaest, uden (signed in without membership), nabo, leder, hr, laeser, konsulent, superuser
ROLES = ("gaest", "uden", "nabo", "leder", "hr", "laeser", "konsulent", "superuser")
LOGIN = 302  # to the sign-in page, asserted below

PUBLIC = (200, 403, 200, 200, 200, 200, 200, 200)
PRINTED = (202, 403, 202, 202, 202, 202, 202, 202)  # on its way: no worker is there
MEMBERS = (LOGIN, 403, 200, 200, 200, 200, 200, 403)
KL_READS = (LOGIN, 403, 404, 404, 404, 200, 200, 403)
ADMIN = (LOGIN, 403, 403, 403, 403, 403, 200, 200)
OWN_IMPORT = (LOGIN, 403, 403, 403, 403, 403, 200, 404)  # the consultant's own
OWN_IMPORT_POSTED = (LOGIN, 403, 403, 403, 403, 403, 422, 404)
SUPERUSER = (LOGIN, 403, 403, 403, 403, 403, 403, 200)
ACCOUNT = (LOGIN, *[200] * 7)
OPEN = (200, 200, 200, 200, 200, 200, 200, 200)

GET_TABLE: dict[str, tuple[int, ...]] = {
    "front": PUBLIC,
    "about_figures": PUBLIC,
    "favicon": (302,) * 8,  # to the icon
    "ready": OPEN,
    "live": OPEN,
    "measures": (404,) * 8,  # no token is set
    "privacy": OPEN,
    "accessibility": OPEN,
    "was": (302,) * 8,  # to the statement
    "security": OPEN,
    "recommendations": PUBLIC,
    "recommendation": PUBLIC,
    "plans": PUBLIC,
    "plan": PUBLIC,
    "plan_recommendation": PUBLIC,
    "municipalities": PUBLIC,
    "municipality": PUBLIC,
    "timeline": PUBLIC,
    "event": PUBLIC,
    "sources": PUBLIC,
    "indicators": PUBLIC,
    "figure_imports": ADMIN,
    **dict.fromkeys(("figure_import", "figure_columns", "figure_indicators", "new_indicator"), OWN_IMPORT),
    **dict.fromkeys(("save_figures", "cancel_figures", "withdraw_figures"), (LOGIN, 403, *[405] * 5, 405)),
    "indicator": PUBLIC,
    "cases": PUBLIC,
    "case": PUBLIC,
    "proposals": (LOGIN, 403, 404, 404, 404, 200, 200, 403),
    "preview_case": (LOGIN, 403, 404, 404, 404, 200, 200, 403),
    "edit_case": (LOGIN, 403, 404, 404, 404, 403, 200, 403),
    "decide_case": (LOGIN, 403, 405, 405, 405, 405, 405, 405),
    "glossary": PUBLIC,
    "lists": PUBLIC,
    "reports": PUBLIC,
    "report_pdf": PRINTED,
    "report_xlsx": PUBLIC,
    "report_docx": PUBLIC,
    "report_pptx": PUBLIC,
    "issue_report": (LOGIN, 403, *[405] * 5, 405),
    "issued_reports": PUBLIC,
    "order_reports": (LOGIN, 403, *[405] * 5, 405),
    "report_orders": KL_READS,
    "report_order": (LOGIN, 403, 202, 202, 202, 202, 202, 404),
    "order_zip": (LOGIN, 403, 404, 404, 404, 404, 200, 403),
    "cancel_order": (LOGIN, 403, *[405] * 5, 405),
    "issued_report": (LOGIN, 403, 200, 200, 200, 200, 200, 404),
    "national_report": PUBLIC,
    "national_report_pdf": PRINTED,
    "data": OPEN,
    "dataset": OPEN,
    "search": PUBLIC,
    "municipality_report": MEMBERS,
    "municipality_report_pdf": (LOGIN, 403, 202, 202, 202, 202, 202, 403),
    "matrix": MEMBERS,
    "cell": MEMBERS,
    "inspiration": MEMBERS,
    "actions": MEMBERS,
    "action": (LOGIN, 403, 200, 200, 200, 200, 200, 403),
    "add_action": (LOGIN, 403, 403, 403, 200, 403, 200, 403),
    "change_action": (LOGIN, 403, 403, 403, 200, 403, 200, 403),
    "confirm_action": (LOGIN, 403, 405, 405, 405, 405, 405, 405),
    "record_status": (LOGIN, 403, 403, 403, 200, 403, 200, 403),
    "record_national": (LOGIN, 403, 403, 403, 403, 403, 200, 403),
    "own_data": (LOGIN, *[200] * 7),
    "download_own_data": (LOGIN, *[200] * 7),
    "ask_for_erasure": (LOGIN, *[405] * 7),
    "my_page": MEMBERS,
    "activity": MEMBERS,
    "public_feed": PUBLIC,
    "compare": MEMBERS,
    "welcomed": (LOGIN, 403, *[405] * 5, 405),
    "access_log": (LOGIN, 403, 403, 200, 403, 403, 403, 200),
    "rounds": KL_READS,
    "round": KL_READS,
    "add_round": (LOGIN, 403, 404, 404, 404, 403, 200, 403),
    "change_round": (LOGIN, 403, 404, 404, 404, 403, 200, 403),
    "run_round": (LOGIN, 403, *[405] * 5, 405),
    "our_status": (LOGIN, 403, 404, 200, 200, 200, 200, 403),
    "round_progress": (LOGIN, 403, 404, 200, 200, 200, 200, 403),
    "hand_in": (LOGIN, 403, 404, 403, 200, 403, 200, 403),
    "draft_answer": (LOGIN, 403, 404, 403, 302, 403, 302, 403),
    "decide": (LOGIN, 403, 405, 405, 405, 405, 405, 405),
    "take_back": (LOGIN, 403, 405, 405, 405, 405, 405, 405),
    "answer_questions": (LOGIN, 403, 403, 403, 200, 403, 200, 403),
    "workbook": (LOGIN, 403, 403, 403, 200, 403, 200, 403),
    "download_workbook": (LOGIN, 403, 403, 403, 200, 403, 200, 403),
    "archive": (LOGIN, 403, 404, 200, 200, 200, 200, 403),
    "download_archive": (LOGIN, 403, 404, 200, 200, 200, 200, 403),
    # The editor's own: nobody else sees what they have uploaded.
    "upload": (LOGIN, 403, 404, 404, 200, 404, 404, 403),
    "upload_words": (LOGIN, 403, *[405] * 5, 405),
    "invite_list": (LOGIN, 403, 403, 200, 403, 403, 200, 403),
    "undo_status": (LOGIN, 403, 405, 405, 405, 405, 405, 405),
    "users": MEMBERS,
    "invite_user": (LOGIN, 403, 403, 200, 403, 403, 200, 403),
    "change_role": (LOGIN, 403, 404, 200, 403, 403, 200, 403),
    "remove_user": (LOGIN, 403, 404, 200, 403, 403, 200, 403),
    "open_account": (LOGIN, 403, *[405] * 5, 405),
    "send_invitation_again": (LOGIN, 403, 405, 405, 405, 405, 405, 405),
    "withdraw_invitation": (LOGIN, 403, 405, 405, 405, 405, 405, 405),
    "municipality_choices": (LOGIN, 403, 405, 405, 405, 405, 405, 405),
    "see_as": SUPERUSER,
    "stop_seeing_as": (LOGIN, 403, *[405] * 6),
    "accept_invitation": OPEN,
    "account_login": (200, *[302] * 7),
    **dict.fromkeys(("openid_connect_login", "openid_connect_callback"), (404,) * 8),  # there is no such provider
    "account_logout": (302, *[200] * 7),
    "account_signup": (200, *[302] * 7),
    "account_inactive": OPEN,
    "account_reauthenticate": (LOGIN, *[200] * 7),
    "account_change_password": (LOGIN, *[200] * 7),
    "account_set_password": (LOGIN, *[302] * 7),
    "account_reset_password": OPEN,
    "account_reset_password_done": OPEN,
    "account_reset_password_from_key": OPEN,
    "account_reset_password_from_key_done": OPEN,
    "account": ACCOUNT,
    "sessions": ACCOUNT,
    # Before anything is changed they show once more who they are. tests/stakeholders/test_second_factor.py does.
    **dict.fromkeys(("recovery_codes_file", "mfa_activate_totp", "mfa_add_webauthn"), (302,) * 8),
    **dict.fromkeys(("mfa_generate_recovery_codes", "mfa_remove_webauthn"), (302,) * 8),
    "mfa_index": ACCOUNT,
    "mfa_list_webauthn": (302,) * 8,
    **dict.fromkeys(("mfa_deactivate_totp", "mfa_view_recovery_codes"), (LOGIN, *[404] * 7)),  # they have none
    **dict.fromkeys(("mfa_reauthenticate", "mfa_reauthenticate_webauthn"), (302,) * 8),
    **dict.fromkeys(("mfa_authenticate", "mfa_login_webauthn"), (302,) * 8),  # nobody is on the way in
}

# Where a visitor is led that is not the sign-in page, or to it without a way back.
ELSEWHERE = ("account_logout", "favicon", "was", "mfa_authenticate", "mfa_login_webauthn")

# What a POST may do. Every other address refuses POST with 405 to those who may read it.
POST_TABLE: dict[str, tuple[int, ...]] = {
    "record_status": (LOGIN, 403, 403, 403, 302, 403, 302, 403),
    "record_national": (LOGIN, 403, 403, 403, 403, 403, 302, 403),
    "answer_questions": (LOGIN, 403, 403, 403, 302, 403, 302, 403),
    "undo_status": (LOGIN, 403, 403, 403, 302, 403, 403, 403),
    # What is posted is no whole form: 422 to those who may write. tests/initiatives/test_action_pages.py writes.
    "add_action": (LOGIN, 403, 403, 403, 422, 403, 422, 403),
    "change_action": (LOGIN, 403, 403, 403, 422, 403, 422, 403),
    "confirm_action": (LOGIN, 403, 403, 403, 302, 403, 302, 403),
    "welcomed": (LOGIN, 403, 302, 302, 302, 302, 302, 403),
    "ask_for_erasure": (LOGIN, *[302] * 7),
    "add_round": (LOGIN, 403, 404, 404, 404, 403, 422, 403),
    "change_round": (LOGIN, 403, 404, 404, 404, 403, 422, 403),
    "run_round": (LOGIN, 403, 404, 404, 404, 403, 302, 403),
    # Nothing is asked for, nothing is ready: who may gets the page again.
    "edit_case": (LOGIN, 403, 404, 404, 404, 403, 422, 403),
    "decide_case": (LOGIN, 403, 404, 404, 404, 403, 422, 403),
    "our_status": (LOGIN, 403, 404, 403, 302, 403, 302, 403),
    "draft_answer": (LOGIN, 403, 404, 403, 302, 403, 302, 403),
    "hand_in": (LOGIN, 403, 404, 403, 422, 403, 422, 403),
    # No file, and nothing chosen.
    "workbook": (LOGIN, 403, 403, 403, 422, 403, 422, 403),
    "upload": (LOGIN, 403, 404, 404, 422, 404, 404, 403),
    "figure_imports": (LOGIN, 403, 403, 403, 403, 403, 422, 422),
    **dict.fromkeys(("figure_columns", "figure_indicators", "new_indicator", "save_figures"), OWN_IMPORT_POSTED),
    **dict.fromkeys(("cancel_figures", "withdraw_figures"), (LOGIN, 403, 403, 403, 403, 403, 302, 404)),
    # The consultant's own.
    "upload_words": (LOGIN, 403, 404, 404, 404, 404, 302, 403),
    "invite_list": (LOGIN, 403, 403, 422, 403, 403, 422, 403),
    "take_back": (LOGIN, 403, 404, 403, 302, 403, 302, 403),
    "decide": (LOGIN, 403, 403, 403, 403, 403, 422, 403),
    # Without a subject: the own municipality, and the country for KL.
    "issue_report": (LOGIN, 403, 302, 302, 302, 403, 302, 403),
    "order_reports": (LOGIN, 403, 403, 403, 403, 302, 302, 403),
    "cancel_order": (LOGIN, 403, 404, 404, 404, 404, 302, 403),
    "invite_user": (LOGIN, 403, 403, 422, 403, 403, 422, 403),
    "change_role": (LOGIN, 403, 404, 422, 403, 403, 422, 403),
    "remove_user": (LOGIN, 403, 404, 409, 403, 403, 409, 403),
    "open_account": (LOGIN, 403, 404, 302, 403, 403, 302, 403),
    "send_invitation_again": (LOGIN, 403, 404, 302, 403, 403, 302, 403),
    "withdraw_invitation": (LOGIN, 403, 404, 302, 403, 403, 302, 403),
    "municipality_choices": (LOGIN, 403, 404, 409, 403, 403, 409, 403),
    "accept_invitation": (422,) * 8,
    "see_as": (LOGIN, *[403] * 6, 302),
    "stop_seeing_as": (LOGIN, 403, *[302] * 6),  # there is nothing to stop
    "sessions": (LOGIN, *[302] * 7),
}


# What a request leaves behind whatever it asks for: the session, the limits on sign-ins, and the access log.
BOOKKEEPING = {"stakeholders_usersession", "cache", "stakeholders_accessentry"}
# What a GET may write besides: a report that must be printed is ordered when somebody asks for it.
ORDERS = {"initiatives_reportorder", "initiatives_orderedreport", "django_tasks_db_dbtaskresult"}
WRITES_BY_GET: dict[str, set[str]] = {
    **dict.fromkeys(("report_pdf", "municipality_report_pdf", "national_report_pdf"), ORDERS),
}


def test_every_address_is_in_the_table() -> None:
    names = {name for name in named_patterns(get_resolver()) if not name.startswith("admin:")}
    assert names == set(GET_TABLE)


@pytest.mark.parametrize("name", GET_TABLE)
def test_get(as_user: AsUser, role_users: dict[str, User | None], arguments: Arguments, name: str) -> None:
    url = address_of(name, arguments)
    found = {}
    for role, user in role_users.items():
        client = as_user(user)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(url)
        found[role] = response.status_code
        assert written(captured) <= BOOKKEEPING | WRITES_BY_GET.get(name, set()), (name, role)
        if role == "gaest" and response.status_code == 302 and name not in ELSEWHERE:
            assert response["Location"].startswith("/konto/login/?next=")
    assert found == dict(zip(ROLES, GET_TABLE[name], strict=True))


@pytest.mark.parametrize("name", POST_TABLE)
def test_post(as_user: AsUser, role_users: dict[str, User | None], arguments: Arguments, name: str) -> None:
    url = address_of(name, arguments)
    found = {}
    seen = ""
    for role, user in role_users.items():
        fields = {"status": "completed", "note": "Note", "key": uuid.uuid4(), "seen": seen}
        response = as_user(user).post(url, fields)
        found[role] = response.status_code
        if response.status_code == 302 and role != "gaest" and name.startswith("record_"):
            number = arguments[name][-1]
            municipality = None if name == "record_national" else Municipality.objects.get(code=999)
            seen = str(cell_of(int(number), municipality).updates.latest("pk").pk)
    assert found == dict(zip(ROLES, POST_TABLE[name], strict=True))


def test_pages_that_are_read_are_only_read(as_user: AsUser, konsulent: User, arguments: Arguments) -> None:
    client = as_user(konsulent)
    for name in GET_TABLE:
        if not name.startswith(("account_", "mfa_")) and name not in POST_TABLE:
            assert (name, client.post(address_of(name, arguments)).status_code) == (name, 405)
