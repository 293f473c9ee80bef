"""Every address there is, what is in it, and what was written by asking for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from typing import Any

from django.contrib import admin
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from flere_haender.access import Role
from initiatives.models import Upload
from initiatives.old_statuses.looking import KIND as STATUSES
from initiatives.workbook.making import workbook
from initiatives.workbook.taking import KIND, read
from stakeholders.models import Invitation, Membership, Municipality, User
from tests.factories import cell_of, finish, make_action, make_issued, make_order, make_round, make_zip
from tests.initiatives.figure_files import looked_through

WRITTEN = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')


def written(captured: Any) -> set[str]:
    """The tables that were written to."""
    return {found[1] for query in captured.captured_queries if (found := WRITTEN.match(query["sql"]))}


def named_patterns(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """The name of every address, those of the admin with its ``admin:``."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
        else:
            yield from named_patterns(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)


def admin_addresses(*keys: Any) -> Iterator[str]:
    """Every page of the admin about a list, and about a row: the first that there is, and those with these keys."""
    names = [name for name in named_patterns(get_resolver()) if name.startswith("admin:")]
    for model in admin.site._registry:
        first = model._base_manager.order_by("pk").first()
        rows = [[], *([[first.pk]] if first else []), *([key] for key in keys)]
        where = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
        for name, row in product([name for name in names if name.startswith(where)], rows):
            with suppress(NoReverseMatch):
                yield reverse(name, args=row)


# What is in the address of a page, or what makes it.
Arguments = dict[str, Any]


def arguments_of(*, hr: User, leder: User, konsulent: User, korsbaek: Municipality) -> Arguments:
    """What is in the address of every page that has something in it; the rows are made."""
    row = cell_of(11, korsbaek).record("completed", by=hr)
    action = make_action(korsbaek, by=hr)
    proposed = make_action(korsbaek, by=hr, title="Foreslået", visibility="proposed")
    found = make_round()
    order = make_order("kommune:999", by=hr)
    many = finish(make_zip([korsbaek], by=konsulent))
    invited = Invitation.invite("ny@korsbaek.example", role=Role.EDITOR, municipality=korsbaek, by=leder)
    membership = Membership.objects.get(user=hr)
    kept = Upload.keep(
        read(workbook(korsbaek, None), "a.xlsx", korsbaek), kind=KIND, by=hr, municipality=korsbaek, file_name="a"
    )
    old = Upload.keep({"words": {}}, kind=STATUSES, by=konsulent, municipality=None, file_name="gammel")
    return {
        "recommendation": [10],
        "plan": ["flere-haender-2018"],
        "plan_recommendation": ["flere-haender-2", 10],
        "municipality": [999],
        "event": ["ok21"],
        **{name: [proposed.pk] for name in ("preview_case", "edit_case", "decide_case")},
        "indicator": ["maend-andel"],
        **{
            name: lambda: [looked_through(konsulent).key]
            for name in (
                *("figure_import", "figure_columns", "figure_indicators", "new_indicator"),
                *("save_figures", "cancel_figures", "withdraw_figures"),
            )
        },
        "case": ["menn-i-helse"],
        "municipality_report": [999],
        "issued_report": lambda: [make_issued("kommune:999", by=leder).pk],  # takes its time
        "municipality_report_pdf": [999],
        "report_order": [order.key],
        **{name: [many.key] for name in ("order_zip", "cancel_order")},
        "cell": [999, 10],
        "record_status": [999, 10],
        "record_national": [10],
        "actions": [999],
        "action": [action.pk],
        "add_action": [999],
        "change_action": [action.pk],
        "confirm_action": [action.pk],
        "answer_questions": [999, 10],
        "undo_status": [row.pk],
        "workbook": [999],
        "download_workbook": [999],
        "archive": [999],
        "download_archive": [999],
        "upload": [kept.pk],
        "upload_words": [old.pk],
        "round": [found.pk],
        "change_round": [found.pk],
        "run_round": [found.pk],
        "our_status": [999],
        "round_progress": [999],
        "hand_in": [999],
        "draft_answer": [999, 10],
        "take_back": [999],
        "decide": [999],
        "dataset": ["status", "json"],
        "change_role": [membership.pk],
        "remove_user": [membership.pk],
        "open_account": [membership.pk],
        "send_invitation_again": [invited.pk],
        "withdraw_invitation": [invited.pk],
        "municipality_choices": [999],
        "see_as": [hr.pk],
        "accept_invitation": [invited.path.split("/")[-2]],
        "account_reset_password_from_key": ["x", "y"],
        "mfa_remove_webauthn": [1],
        "openid_connect_login": ["ukendt"],
        "openid_connect_callback": ["ukendt"],
    }


def address_of(name: str, arguments: Arguments) -> str:
    """The address of a page by its name."""
    found = arguments.get(name)
    return reverse(name, args=found() if callable(found) else found)
