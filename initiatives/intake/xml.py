"""Walks through the XML of a spreadsheet without building it: what is not wanted is never held."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from xml.parsers import expat

from django.core.exceptions import ValidationError

from .archive import NOT_A_SPREADSHEET, NOT_WHOLE, UNPACKS_TO_TOO_MUCH, Limits
from .plain import PlainCell, PlainRows

CHUNK = 64 * 1024
MOST_NAMES = 1_000  # of elements; a spreadsheet has some fifty
LONGEST_TAG = 1024 * 1024  # bytes: a longer one is no spreadsheet's

Attributes = dict[str, str]
Starts = Mapping[str, Callable[[Attributes], None]]
Ends = Mapping[str, Callable[[], None]]
TakeRow = Callable[[int, list[PlainCell]], None]


class Names(dict[str, str]):
    """The names of elements without their namespace, by the name with it."""

    def __missing__(self, full_name: str) -> str:
        if len(self) >= MOST_NAMES:
            raise ValidationError(NOT_A_SPREADSHEET)
        name = self[full_name] = full_name.rpartition(" ")[2]
        return name


class Walker:
    """The parts of one file; the elements of all of them count towards one limit."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self.archive, self.limits = archive, limits
        self.elements = 0
        self.names = Names()

    def walk(
        self,
        part: str,
        *,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
        take: TakeRow | None = None,
    ) -> Iterator[None]:
        """Call back for each element, by its name with the namespace (``names`` has it without).

        Yields between chunks, so that rows can be taken.

        Args:
            take: of a sheet: takes the rows that are plain, instead of the others (``plain``).

        Raises:
            ValidationError: the part is missing, broken, too much, or declares entities.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
        parser.StartDoctypeDeclHandler = _refuse  # no entities without a DOCTYPE
        try:
            yield from self._fed(part, parser, take)
        except KeyError as error:
            raise ValidationError(NOT_A_SPREADSHEET) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, ValueError, OverflowError) as error:
            raise ValidationError(NOT_WHOLE) from error

    def _fed(self, part: str, parser: expat.XMLParserType, take: TakeRow | None) -> Iterator[None]:
        fed = 0

        def parse(chunk: bytes) -> None:
            nonlocal fed
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > LONGEST_TAG:
                raise ValidationError(NOT_A_SPREADSHEET)

        plain = PlainRows(parse, take) if take else None
        feed = plain.feed if plain else parse
        with self.archive.open(part) as source:
            while chunk := source.read(CHUNK):
                # No element begins without this byte, in any encoding that the parser takes.
                self.elements += chunk.count(b"<") - chunk.count(b"</")
                if self.elements > self.limits.elements:
                    raise ValidationError(UNPACKS_TO_TOO_MUCH)
                feed(chunk)
                yield
            if plain:
                plain.end()
            parser.Parse(b"", True)
        yield

    def over(self, part: str, starts: Starts, ends: Ends | None = None) -> None:
        """Walk through a whole part: what to call where an element begins and ends, by its name."""
        names, ends = self.names, ends or {}

        def start(full_name: str, has: Attributes) -> None:
            if call := starts.get(names[full_name]):
                call(has)

        def end(full_name: str) -> None:
            if call := ends.get(names[full_name]):
                call()

        for _ in self.walk(part, start=start, end=end):
            pass


def _refuse(*_: object) -> None:
    raise ValidationError(NOT_A_SPREADSHEET)
