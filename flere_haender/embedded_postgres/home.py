"""Where the embedded server of a checkout keeps its files.

An ordinary user's are in `.postgres` in the checkout. PostgreSQL refuses to run as root, so root's server runs as
`nobody`, who may be unable to reach the checkout: root's files are in a folder under /var/tmp. Its name comes from the
path of the checkout and a random key in it, so a copy of the checkout, or a new clone at the same path, gets its own.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from .server import Server, ServerError

FOLDER = ".postgres"
ROOTS_KEY = ".postgres-root"
ROOTS_FOLDERS = Path("/var/tmp")


def server_for(checkout: Path) -> Server:
    """The embedded server of this checkout for the user who asks. Makes its folder; starts nothing.

    Raises ServerError, in Danish, when the folder can't be made or is another user's.
    """
    try:
        return _roots_server(checkout) if os.geteuid() == 0 else Server(_own(checkout / FOLDER, mode=0o700))
    except OSError as error:
        raise ServerError(
            f"Mappen til den indbyggede database kan ikke oprettes ({error}). "
            "Giv dig selv skriveadgang til den, eller sæt DATABASE_URL til en database på en server."
        ) from error


def _roots_server(checkout: Path) -> Server:
    nobody = pwd.getpwnam("nobody")
    clones = f"flere-haender-{hashlib.sha256(os.fsencode(checkout)).hexdigest()[:12]}-"
    key = checkout / ROOTS_KEY
    if not key.exists():
        _lay_key(key)
        current = ROOTS_FOLDERS / (clones + key.read_text())
        for home in set(ROOTS_FOLDERS.glob(clones + "*")) - {current}:
            _remove(home, runs_as=nobody)
    home = ROOTS_FOLDERS / (clones + key.read_text())
    return Server(_own(home, mode=0o711), runs_as=nobody)


def _remove(home: Path, *, runs_as: pwd.struct_passwd) -> None:
    """Remove the home of an earlier clone at the same path, which is gone."""
    if home.lstat().st_uid == os.geteuid():
        with suppress(OSError, ServerError):
            Server(home, runs_as=runs_as).stop()
        shutil.rmtree(home, ignore_errors=True)


def _lay_key(file: Path) -> None:
    """Give the checkout its random key. Of several commands at once, the first one's key counts."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.write_text(secrets.token_hex(8))
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()


def _own(folder: Path, *, mode: int) -> Path:
    """Make the folder unless it is there; refuse one that another user has made."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ServerError(
            f"Den indbyggede database i {folder} tilhører en anden bruger. "
            "Kør kommandoen som den bruger, eller hent din egen kopi af koden."
        )
    folder.chmod(mode)
    return folder
