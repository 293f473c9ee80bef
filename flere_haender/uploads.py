"""How much of an uploaded file is taken in."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class LimitHandler(FileUploadHandler):
    """Throws away what comes after ``settings.UPLOAD_LIMIT``, so that neither memory nor disk fills.

    One chunk beyond the limit is kept: a file that is larger than the limit has been too large.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= settings.UPLOAD_LIMIT else None

    def file_complete(self, file_size: int) -> Any:
        return None
