"""KL changes the texts of e-mails and help: checked, shown first, with their history, and back to the standard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from stakeholders.letters import _writers, slug_of, written
from stakeholders.models import EditableText, EditableTextEvent, Message, TextChangedSince, User
from stakeholders.texts import as_html, as_plain, known_texts
from tests.factories import AsUser, make_round, participation_of

pytestmark = pytest.mark.django_db

LIST = "admin:stakeholders_editabletext_changelist"
NUDGE = "e-mail-nudge"


def edit(slug: str) -> str:
    return reverse("admin:stakeholders_editabletext_edit", args=[slug])


def nudge(konsulent: User, hr: User, korsbaek: Any, comment: str = "") -> Any:
    make_round(name="Foråret & efteråret")
    participation_of(korsbaek).remind(by=konsulent, comment=comment)
    mail = written(Message.objects.get(occasion="nudge"))
    assert mail
    return mail


@pytest.mark.parametrize("slug", known_texts())
def test_every_standard_text_holds_its_own_rules(slug: str) -> None:
    text = known_texts()[slug]
    text.check(subject=text.subject, body=text.body)
    for said in (as_plain(text.body, text.examples), as_html(text.body, text.examples)):
        assert "{" not in said
        assert all(str(text.examples[name]) in said or "<ul>" in said for name in text.required)


def test_every_letter_and_every_help_on_a_page_can_be_changed() -> None:
    texts = known_texts()
    ours = [occasion for occasion, writer in _writers.items() if writer.__module__.endswith(".letters")]
    assert len(ours) == 16 and {slug_of(occasion) for occasion in ours} <= set(texts)
    pages = "".join(page.read_text() for page in Path(settings.BASE_DIR / "templates").rglob("*.html"))
    assert [slug for slug, text in texts.items() if not text.is_mail and f'help_text "{slug}"' not in pages] == []


def test_a_changed_letter_is_what_is_sent(konsulent: User, hr: User, korsbaek: Any) -> None:
    EditableText.change(
        NUDGE, by=konsulent, subject="Husk {runde}", body="Kære <b>{kommune}</b>\n\n{kommentar}\n\n{svar}"
    )
    mail = nudge(konsulent, hr, korsbaek)
    html = mail.alternatives[0][0]
    assert mail.subject == "Flere hænder: Husk Foråret & efteråret"
    assert "Kære <b>Korsbæk Kommune</b>\n\nForåret & efteråret: 0 af 20 besvaret." in mail.body  # nothing was said
    assert "<p>Kære &lt;b&gt;Korsbæk Kommune&lt;/b&gt;</p><ul><li><a href=" in html
    assert "KL minder om statusrunden." not in mail.body + html


def test_what_is_said_is_escaped(konsulent: User, hr: User, korsbaek: Any) -> None:
    mail = nudge(konsulent, hr, korsbaek, "Hvad med <10>?\nOg {svar}?")
    assert "“Hvad med <10>?\nOg {svar}?”" in mail.body
    assert "<p>“Hvad med &lt;10&gt;?<br>Og {svar}?”</p>" in mail.alternatives[0][0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"body": "Hej {navn} {svar}"}, "Pladsholderen {navn} findes ikke her. Brug: {runde}"),
        ({"body": "Hej"}, "Teksten skal have {svar}."),
        ({"body": "{svar} {"}, "En tuborgklamme står alene."),
        ({"body": " \x00 "}, "Skriv en tekst."),
        ({"subject": ""}, "Skriv et emne."),
        ({"subject": "{link}"}, "Pladsholderen {link} findes ikke her."),
        ({"subject": "x" * 201}, "højst"),
        ({"body": "{svar}" + "x" * 5000}, "Skriv højst 5000 tegn."),
        ({"seen": "x"}, "Det er ikke gemt."),
    ],
)
def test_what_cannot_be_used_is_refused_and_kept(
    as_user: AsUser, konsulent: User, fields: dict[str, str], said: str
) -> None:
    given = {"subject": "Emne", "body": "Tekst {svar}", "seen": "0"} | fields
    response = as_user(konsulent).post(edit(NUDGE), given)
    html = response.content.decode()
    assert response.status_code == 200 and said in html
    assert fields.get("body", "Tekst {svar}").strip(" \x00") in html
    assert not EditableText.objects.exists()


def test_a_preview_saves_nothing(as_user: AsUser, konsulent: User) -> None:
    given = {"subject": "Husk {runde}", "body": "Kære alle\n\n{svar}", "seen": "0", "_preview": "1"}
    html = as_user(konsulent).post(edit(NUDGE), given).content.decode()
    assert "Intet er gemt endnu." in html and "<h3>Husk Foråret 2027</h3><p>Kære alle</p><ul>" in html
    assert "Intet er gemt endnu." not in as_user(konsulent).post(edit(NUDGE), given | {"body": "x"}).content.decode()
    assert not EditableText.objects.exists()


def test_it_is_changed_shown_with_who_and_when_and_taken_back(as_user: AsUser, konsulent: User, hr: User) -> None:
    client = as_user(konsulent)
    assert as_user(hr).get("/min-side/").content.decode().count("Her står, hvad Korsbæk Kommune mangler") == 1
    given = {"body": "Det her mangler {kommune}.", "seen": "0"}
    assert client.post(edit("min-side"), given)["Location"] == reverse(LIST)
    assert "Det her mangler Korsbæk Kommune." in as_user(hr).get("/min-side/").content.decode()
    html = client.get(reverse(LIST)).content.decode()
    assert f"af {konsulent.name}" in html and html.count("Standard</td>") == len(known_texts()) - 1
    assert client.post(edit("min-side"), {"_standard": "1"}).status_code == 302
    assert "Her står, hvad Korsbæk Kommune mangler" in as_user(hr).get("/min-side/").content.decode()
    html = client.get(edit("min-side")).content.decode()
    assert html.count(f"{konsulent.name}:") == 2 and "tilbage til standardteksten" in html
    assert "Det her mangler {kommune}." in html
    assert EditableTextEvent.objects.count() == 2 and not EditableText.objects.exists()


def test_two_that_change_the_same_text(as_user: AsUser, konsulent: User) -> None:
    EditableText.change("runder", by=konsulent, body="Den første", seen=0)
    EditableText.change("runder", by=konsulent, body="Den første", seen=0)  # the same again writes nothing
    with pytest.raises(TextChangedSince):
        EditableText.change("runder", by=konsulent, body="Den anden", seen=0)
    client = as_user(konsulent)
    html = client.post(edit("runder"), {"body": "Den anden", "seen": "0"}).content.decode()
    assert "En anden har ændret teksten imens." in html and "Den første" in html and "Den anden" in html
    assert 'name="seen" value="1"' in html
    assert client.post(edit("runder"), {"body": "Den anden", "seen": "1"}).status_code == 302
    assert EditableText.objects.get().body == "Den anden" and EditableTextEvent.objects.count() == 2


def test_only_kl_changes_texts(as_user: AsUser, laeser: User, hr: User, gaest: Client) -> None:
    for user in (laeser, hr):
        assert as_user(user).get(edit("runder")).status_code == 403
        assert as_user(user).get(reverse(LIST)).status_code == 403
        with pytest.raises(PermissionDenied):
            EditableText.change("runder", by=user, body="x")
    assert gaest.get(edit("runder")).status_code == 302


def test_a_text_that_is_none_is_not_found(as_user: AsUser, konsulent: User) -> None:
    assert as_user(konsulent).get(edit("findes-ikke")).status_code == 404
    with pytest.raises(ValidationError):
        EditableText.change("runder", by=konsulent, body="")
