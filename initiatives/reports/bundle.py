"""Many reports in one ZIP, written while it is sent: no more than one report is in memory, and nothing on a disk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator

from initiatives.models import StoredReport

LOCAL, CENTRAL, END = 30, 46, 22  # bytes beside the names


class _Outbox(io.BytesIO):
    """What is written and not yet sent; it stands where the whole file would."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0

    def tell(self) -> int:
        return self.sent + super().tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self.sent + super().seek(offset - (0 if whence else self.sent), whence)

    def take(self) -> bytes:
        content = self.getvalue()
        self.sent += len(content)
        super().seek(0)
        self.truncate()
        return content


def as_zip(files: Iterable[StoredReport]) -> Iterator[bytes]:
    """The ZIP in pieces; the same files give the same bytes.

    Args:
        files: in their order. Those from ``without_content`` are read one by one.
    """
    outbox = _Outbox()
    with zipfile.ZipFile(outbox, "w") as archive:
        for file in files:
            day = file.as_of
            entry = zipfile.ZipInfo(name_in_zip(file), (day.year, day.month, day.day, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, bytes(StoredReport.objects.values_list("content", flat=True).get(pk=file.pk)))
            yield outbox.take()
    yield outbox.take()


def size_of_zip(files: Iterable[StoredReport]) -> int:
    """Its bytes, before it is written."""
    return END + sum(LOCAL + CENTRAL + 2 * len(name_in_zip(file).encode()) + file.size for file in files)


def name_in_zip(file: StoredReport) -> str:
    """As the report alone is called; never in a folder."""
    return file.file_name.replace("/", "-").replace("\\", "-")
