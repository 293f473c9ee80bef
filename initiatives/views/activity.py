"""Who did what, for members; and the public part of it as Atom."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.views.decorators.http import require_safe

from flere_haender.access import is_kl, member_required
from initiatives.activity import CASE, PARTS, Chosen, activity, by_day
from initiatives.feed import Deed, followed_by, latest_changes
from initiatives.models import Recommendation
from initiatives.status import STATUS_LABELS, Signal
from stakeholders.models import Installation, Municipality

PER_PAGE = 40
IN_ATOM = 50
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class ActivityForm(forms.Form):
    """What to see. The municipality is KL's to choose: a municipality sees its own."""

    art = forms.ChoiceField(
        label="Type",
        choices=[("", "Alle typer"), *((name, part.label) for name, part in PARTS.items())],
        required=False,
        error_messages={"invalid_choice": "Type: Vælg fra listen."},
    )
    anbefaling = forms.ModelChoiceField(
        Recommendation.objects.all(),
        label="Anbefaling",
        to_field_name="slug",
        empty_label="Alle anbefalinger",
        required=False,
        error_messages={"invalid_choice": "Anbefaling: Vælg fra listen."},
    )
    kommune = forms.ModelChoiceField(
        Municipality.objects.all(),
        label="Kommune",
        to_field_name="code",
        empty_label="Alle kommuner og KL",
        required=False,
        error_messages={"invalid_choice": "Kommune: Vælg fra listen."},
    )

    def __init__(self, *args: Any, reader: Any) -> None:
        super().__init__(*args)
        if not is_kl(reader):
            del self.fields["kommune"]

    @property
    def chosen(self) -> Chosen:
        given = self.cleaned_data
        return Chosen(given["art"], given["anbefaling"], given.get("kommune"))


@require_safe
@member_required
def activity_list(request: HttpRequest) -> HttpResponse:
    form = ActivityForm(request.GET, reader=request.user)
    valid = form.is_valid()
    rows: Any = activity(request.user, form.chosen) if valid else []
    page: Any = Paginator(rows, PER_PAGE).get_page(request.GET.get("side"))
    context = {
        "section": "activity",
        "filter": {"form": form},
        "filtered": any(request.GET.get(name) for name in form.fields),
        "errors": [message for messages in form.errors.values() for message in messages],
        "page": page,
        "count": page.paginator.count,
        "days": by_day(page.object_list, request.user),
    }
    return TemplateResponse(request, "initiatives/activity.html", context, status=200 if valid else 400)


@login_not_required
@require_safe
def public_feed(request: HttpRequest) -> HttpResponse:
    """What KL has said nationally, and the cases, as anybody may see it, whoever asks."""
    demo = "Demodata: opdigtede tal. " if Installation.is_demo() else ""
    feed = Atom1Feed(
        title="Flere hænder: national status og cases",
        link=_absolute(reverse("recommendations")),
        description=f"{demo}KL’s vurderinger af anbefalingerne i handleplanen, og nye cases.",
        language="da",
        feed_url=_absolute(reverse("public_feed")),
    )
    for deed in _public_deeds(AnonymousUser()):
        feed.add_item(**_item(deed, demo))
    response = HttpResponse(content_type=feed.content_type)
    feed.write(response, "utf-8")
    return response


def _public_deeds(nobody: AnonymousUser) -> list[Deed]:
    statuses = latest_changes(nobody, within=followed_by(nobody), limit=IN_ATOM)
    cases = [deed for day in by_day(activity(nobody, Chosen(CASE))[:IN_ATOM], nobody) for deed in day.deeds]
    return sorted([*statuses, *cases], key=lambda deed: deed.at, reverse=True)[:IN_ATOM]


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _item(deed: Deed, demo: str) -> dict[str, Any]:
    return {
        "title": NOT_XML.sub("", f"{deed.title}: {_what(deed)}"),
        "link": _absolute(deed.url),
        "description": escape(NOT_XML.sub("", f"{demo}{deed.note}")),  # a summary is HTML
        "author_name": deed.author,
        "pubdate": deed.at,
        "updateddate": deed.at,
        "unique_id": f"{_absolute(deed.url)}#{deed.key}",
    }


def _what(deed: Deed) -> str:
    if deed.change is None:
        return f"{', '.join(deed.sentences)} ({deed.place})"
    before = _words(deed.change.before_status, deed.change.before_signal)
    return f"{before} → {_words(deed.change.status, deed.change.signal)}"


def _words(status: str, signal: str) -> str:
    return ", ".join([STATUS_LABELS[status], *([Signal(signal).label] if signal else [])])
