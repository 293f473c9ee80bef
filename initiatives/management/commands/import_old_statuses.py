import uuid
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from flere_haender.access import may_record
from flere_haender.days import today
from initiatives.forms import EARLIEST
from initiatives.intake.cells import as_day
from initiatives.intake.uploads import NotSaved, confirm, preview
from initiatives.models import Upload
from initiatives.old_statuses.looking import KIND
from initiatives.old_statuses.taking import read
from initiatives.old_statuses.words import LEAVE_OUT, StatusWords, known_as
from stakeholders.models import User


def day(text: str) -> date:
    found = as_day(text)
    if found is None or not EARLIEST <= found <= today():
        raise ArgumentTypeError("skriv en dato fra 2018 til i dag, som 2023-05-31")
    return found


def word(text: str) -> tuple[str, str]:
    said, equals, means = text.partition("=")
    status = LEAVE_OUT if means.strip() == "-" else StatusWords({}).meaning(means).status
    if not (equals and said.strip() and status):
        raise ArgumentTypeError("skriv et ord og en status, som “x=Gennemført”, eller “x=-” for at udelade cellerne")
    return known_as(said), status


class Command(BaseCommand):
    help = (
        "Indlæser KL’s gamle regneark med statusser i loggen: kommunerne nedad, anbefalingerne henad. "
        "Udskriver, hvad der er forstået, og hvad der ikke er. Er noget ikke forstået, skrives intet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="et regneark (.xlsx) eller en CSV-fil")
        parser.add_argument("--as-of", type=day, required=True, help="den dag, svarene gælder, som 2023-05-31")
        parser.add_argument("--by", required=True, help="e-mailen på den KL-konsulent, der indlæser")
        parser.add_argument("--dry-run", action="store_true", help="vis kun, hvad der ville blive skrevet")
        parser.add_argument("--skip-unknown", action="store_true", help="skriv det, der er forstået, og udelad resten")
        parser.add_argument(
            "--word", type=word, action="append", default=[], help="hvad et ord betyder: “x=Gennemført”"
        )

    def handle(self, *args: Any, file: Path, as_of: date, by: str, dry_run: bool, **options: Any) -> None:
        user = self._consultant(by)
        try:
            rows = read(file.read_bytes(), file.name, as_of=as_of) | {"words": dict(options["word"])}
        except OSError as error:
            raise CommandError(f"Filen kan ikke læses: {error.strerror}") from error
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        with transaction.atomic():
            upload = Upload.keep(rows, kind=KIND, by=user, municipality=None, file_name=file.name)
            said = self._carry_out(upload, user, dry_run=dry_run, skip_unknown=options["skip_unknown"])
        self.stdout.write(said)

    def _consultant(self, email: str) -> User:
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None or not may_record(user, None):
            raise CommandError(f"{email} er ikke en aktiv KL-konsulent.")
        return user

    def _carry_out(self, upload: Upload, user: User, *, dry_run: bool, skip_unknown: bool) -> str:
        seen = preview(upload, user)
        for line in seen.report.lines():
            self.stdout.write(line)
        if not (seen.report.is_understood or skip_unknown):
            raise CommandError(
                "Ikke alt er forstået, og intet er skrevet. Ret filen, eller brug --word, --skip-unknown."
            )
        if dry_run or not seen.can_be_chosen:
            transaction.set_rollback(True)
            return f"{seen.report.new} svar ville blive skrevet." if dry_run else "Der er intet at skrive."
        try:
            confirm(upload, [item.value for item in seen.can_be_chosen], by=user, key=uuid.uuid4())
        except (NotSaved, PermissionDenied) as refusal:
            raise CommandError(f"Intet er skrevet. {' '.join(getattr(refusal, 'messages', []))}") from refusal
        return f"{seen.report.new} svar er skrevet i loggen."
