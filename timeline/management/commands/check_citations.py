from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from stakeholders.reference import read_toml
from timeline.citations import FILE, Key, Place, cited_places, digest_of, read_digests, write_digests


class Command(BaseCommand):
    help = (
        "Holder hver kildehenvisning i fixtures/ op mod dokumenterne i en mappe. Viser det, der ikke stemmer, og "
        "slutter med kode 1, hvis der er noget."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="mappen med dokumenterne, som fixtures/sources.toml nævner dem")
        parser.add_argument("--write", action="store_true", help=f"skriv fixtures/{FILE} ud fra dokumenterne")

    def handle(self, *args: Any, folder: Path, write: bool, **options: Any) -> None:
        places = cited_places(settings.FIXTURE_DIR)
        found = _digests_in(folder, places)
        if write:
            write_digests(settings.FIXTURE_DIR, {key: digest for key, digest in found.items() if digest})
            self.stdout.write(f"{FILE} er skrevet.")
        differences = list(_differences(places, found, read_digests(settings.FIXTURE_DIR)))
        for line in differences:
            self.stdout.write(line)
        sources = {place.source for place in places}
        checked = f"{len(places)} henvisninger til {len(found)} steder i {len(sources)} kilder"
        if differences:
            raise CommandError(f"{checked}: {len(differences)} stemmer ikke.")
        self.stdout.write(f"{checked}: alle stemmer.")


def _digests_in(folder: Path, places: list[Place]) -> dict[Key, str | None]:
    """The digest of each place as the documents in the folder have it; None where there is no such place."""
    sources = read_toml(settings.FIXTURE_DIR / "sources.toml")["sources"]
    files = {row["slug"]: folder / row["file_name"] for row in sources}
    texts = {slug: file.read_text(encoding="utf-8") for slug, file in files.items() if file.is_file()}
    return {place.key: digest_of(texts.get(place.source, ""), place.lines) for place in places}


def _differences(places: list[Place], found: dict[Key, str | None], written: dict[Key, str]) -> Iterator[str]:
    for place in places:
        if found[place.key] is None:
            yield f"{place}: stedet findes ikke i dokumentet"
        elif place.key not in written:
            yield f"{place}: mangler i {FILE}"
        elif found[place.key] != written[place.key]:
            yield f"{place}: dokumentet siger noget andet nu"
    for source, lines in written.keys() - found.keys():
        yield f"{FILE}: {source}, linje {lines}: ingen henviser til stedet"
