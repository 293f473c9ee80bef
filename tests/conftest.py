"""The cast that every test knows, and a database that holds the reference data."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from flere_haender.access import Role
from stakeholders.models import Municipality, User

from .addresses import Arguments, arguments_of
from .factories import THISTED, AsUser, make_korsbaek, make_user


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """What the tests of a file share is prepared once; there is one server and one browser for all that use them."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tests/browser" if nodeid.startswith("tests/browser/") else str(super()._split_scope(nodeid))

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """Every test starts from the reference data; none of them leaves anything behind.

    pytest-django's own makes a test database only when a test is marked ``django_db``, and leaves the others the real.
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases=[DEFAULT_DB_ALIAS], serialized_aliases=[])
        call_command("load_reference", verbosity=0)
    # As wsgi.py does, so that the times which tests look at are the server's.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    """The manifest of the built files is checked by the browser tests, which run the real server."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PATIENCE = 0  # no worker is there to wait for
    settings.REQUIRE_MFA = False  # tests/stakeholders/test_second_factor.py is about it
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def fixtures(tmp_path: Path, settings: Any) -> Path:
    """A copy of the fixtures, to change (``edit_fixture``)."""
    return Path(shutil.copytree(settings.FIXTURE_DIR, tmp_path / "fixtures"))


@pytest.fixture
def korsbaek(db: None) -> Municipality:
    return make_korsbaek()


@pytest.fixture
def thisted(db: None) -> Municipality:
    return Municipality.objects.get(code=THISTED)


@pytest.fixture
def konsulent(db: None) -> User:
    """KL's consultant."""
    return make_user(Role.KL_CONSULTANT, name="Karen Holm")


@pytest.fixture
def laeser(db: None) -> User:
    """KL's reader."""
    return make_user(Role.KL_READER, name="Rikke Dam")


@pytest.fixture
def hr(korsbaek: Municipality) -> User:
    """Korsbæk's editor."""
    return make_user(Role.EDITOR, korsbaek, name="Hanne Lund")


@pytest.fixture
def leder(korsbaek: Municipality) -> User:
    """Korsbæk's leader, who reads."""
    return make_user(Role.LEADER, korsbaek, name="Lars Friis")


@pytest.fixture
def nabo(thisted: Municipality) -> User:
    """Another municipality's editor."""
    return make_user(Role.EDITOR, thisted, name="Tine Vad")


@pytest.fixture
def gaest(db: None) -> Client:
    """Somebody who is not signed in."""
    return Client()


@pytest.fixture
def as_user(db: None) -> AsUser:
    """A browser in which this user is signed in; nobody, when it is None."""

    def sign_in(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


@pytest.fixture
def role_users(nabo: User, leder: User, hr: User, laeser: User, konsulent: User) -> dict[str, User | None]:
    """Everybody there is, by what they are."""
    return {
        "gaest": None,
        "uden": make_user(),
        "nabo": nabo,
        "leder": leder,
        "hr": hr,
        "laeser": laeser,
        "konsulent": konsulent,
        "superuser": make_user(is_superuser=True),
    }


@pytest.fixture
def arguments(hr: User, leder: User, konsulent: User, korsbaek: Municipality) -> Arguments:
    """What is in the addresses of Korsbæk's pages, and of the others."""
    return arguments_of(hr=hr, leder=leder, konsulent=konsulent, korsbaek=korsbaek)
