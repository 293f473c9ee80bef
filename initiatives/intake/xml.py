"""Walks through the XML of a spreadsheet without building it: what is not wanted is never held."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from xml.parsers import expat

from django.core.exceptions import ValidationError

from .archive import NOT_A_SPREADSHEET, NOT_WHOLE, UNPACKS_TO_TOO_MUCH, Limits

CHUNK = 64 * 1024
MOST_NAMES = 1_000  # of elements; a spreadsheet has some fifty
LONGEST_TAG = 1024 * 1024  # bytes: a longer one is no spreadsheet's

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]


def _nothing(*_: object) -> None:
    pass


class Walker:
    """The parts of one file; the elements of all of them count towards one limit."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self.archive, self.limits = archive, limits
        self.elements = 0
        self.names: dict[str, str] = {}  # of elements: without their namespace

    def walk(
        self,
        part: str,
        *,
        start: Start,
        end: Callable[[str], None] = _nothing,
        text: Callable[[str], None] = _nothing,
    ) -> Iterator[None]:
        """Call back for each element, by its name without namespace; yields between chunks, so rows can be taken.

        Raises:
            ValidationError: the part is missing, broken, too much, or declares entities.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        most = self.limits.elements

        names = self.names

        def counted(name: str, attributes: Attributes) -> None:
            self.elements += 1
            if self.elements > most:
                raise ValidationError(UNPACKS_TO_TOO_MUCH)
            if name not in names:
                if len(names) >= MOST_NAMES:
                    raise ValidationError(NOT_A_SPREADSHEET)
                names[name] = name.rpartition(" ")[2]
            start(names[name], attributes)

        parser.StartElementHandler = counted
        parser.EndElementHandler = lambda name: end(names[name])
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _refuse  # no entities without a DOCTYPE
        try:
            yield from self._fed(part, parser)
        except KeyError as error:
            raise ValidationError(NOT_A_SPREADSHEET) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, ValueError, OverflowError) as error:
            raise ValidationError(NOT_WHOLE) from error

    def _fed(self, part: str, parser: expat.XMLParserType) -> Iterator[None]:
        fed = 0
        with self.archive.open(part) as source:
            while chunk := source.read(CHUNK):
                parser.Parse(chunk, False)
                yield
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > LONGEST_TAG:
                    raise ValidationError(NOT_A_SPREADSHEET)
            parser.Parse(b"", True)
        yield

    def over(self, part: str, start: Start) -> None:
        """Walk through a whole part."""
        for _ in self.walk(part, start=start):
            pass


def _refuse(*_: object) -> None:
    raise ValidationError(NOT_A_SPREADSHEET)
