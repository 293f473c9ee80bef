"""The product as its users meet it: a database with demo data, the real server, and Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from initiatives.demo.cast import PASSWORD
from tests.databases import database
from tests.identity import KL_CVR, Provider, json_of, running_provider
from tests.mailserver import MailServer, mail_server

from .checks import AXE
from .fresh import Fresh

HERE = Path(__file__).parent
# Read before any test makes a database of its own and changes the name.
DATABASE = f"browser_{connection.settings_dict['NAME']}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
LAST = "test_consultants_day.py"  # it changes what the others rely on
MANIFEST = settings.STATIC_ROOT / "staticfiles.json"
SERVER_STARTS_WITHIN = 300
SERVER_STOPS_WITHIN = 60
PATIENCE = 10_000  # milliseconds
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Browse = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in a row, with one server for them; and one file comes after the others."""
    places = [place for place, item in enumerate(items) if HERE in item.path.parents]
    ours = sorted((items[place] for place in places), key=lambda item: item.path.name == LAST)
    for place, item in zip(places, ours, strict=True):
        items[place] = item
        item.add_marker(pytest.mark.browser)


def missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


# Of the package and not of the session: while Playwright is open, Django refuses the other tests their database.
@pytest.fixture(scope="package")
def chromium() -> str:
    """Where it is. What else is missing stops here too, before anything is started."""
    found = shutil.which("chromium")
    if found is None:
        missing("Chromium mangler. Den installeres med: sudo apt-get install chromium")
    for file, target in ((AXE, "node_modules/.installed"), (MANIFEST, "build/.collected")):
        if not file.exists():
            pytest.fail(f"{file} mangler. Det laves med: make {target}")
    return str(found)


@pytest.fixture(scope="package")
def browser(chromium: str, site: str) -> Iterator[Browser]:
    """After ``site``, and so closed before it: an open connection keeps the server from stopping."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield found
        found.close()


@pytest.fixture(scope="package")
def database_url(chromium: str) -> Iterator[str]:
    """A new database on the server that the other tests use."""
    with database(DATABASE) as url:
        yield url


@pytest.fixture(scope="package")
def mails() -> Iterator[MailServer]:
    """The mail server that the product writes to."""
    with mail_server() as server:
        yield server


@pytest.fixture(scope="package")
def identity_provider() -> Iterator[Provider]:
    """The identity provider that the product knows."""
    with running_provider() as provider:
        yield provider


@pytest.fixture(scope="package")
def environment(database_url: str, mails: MailServer, identity_provider: Provider) -> dict[str, str]:
    """What the product is told."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "DEMO": "1",
        "DEBUG": "0",
        "HTTPS": "0",
        "SECRET_KEY": "kun til test i browseren",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",  # passkeys belong to a name
        "EMAIL_URL": f"smtp://127.0.0.1:{mails.port}",
        "PORT": str(free_port()),
        "KL_CVR": KL_CVR,
        "OIDC_PROVIDERS": json_of(identity_provider.settings()),
        **identity_provider.secrets(),
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


@pytest.fixture(scope="package")
def site(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the product, served as ``make run`` serves it."""
    address = f"http://127.0.0.1:{environment['PORT']}"
    said = tmp_path_factory.mktemp("site") / "server.log"
    with said.open("w") as log:
        server = subprocess.Popen(manage("serve"), env=environment, stdout=log, stderr=log)
    try:
        wait_until_ready(server, address, said)
        yield address
    finally:
        server.terminate()
        server.wait(SERVER_STOPS_WITHIN)


def wait_until_ready(server: subprocess.Popen[bytes], address: str, said: Path) -> None:
    deadline = time.monotonic() + SERVER_STARTS_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/sundhed/klar", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"Serveren kom ikke op:\n{said.read_text()[-3000:]}")


@pytest.fixture(scope="package")
def all_fresh(environment: dict[str, str], site: str) -> Iterator[Fresh]:
    command = manage("shell", "-v0", "-c", "from tests.browser.fresh import prepare; prepare()")
    said = subprocess.run(command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, check=True).stdout
    return iter([Fresh(**each) for each in json.loads(said)])


@pytest.fixture
def fresh(all_fresh: Iterator[Fresh]) -> Fresh:
    """A municipality that answered everything last time, and owes the open round everything; each test has its own."""
    return next(all_fresh)


@pytest.fixture(scope="package")
def signed_in(browser: Browser, site: str) -> Callable[[str], Any]:
    """The cookies of somebody who has signed in; each signs in once."""
    cookies: dict[str, Any] = {}

    def sign_in(email: str) -> Any:
        if email not in cookies:
            context = browser.new_context(base_url=site)
            page = context.new_page()
            page.goto("/konto/login/")
            page.get_by_label("E-mail").fill(email)
            page.get_by_label("Adgangskode").fill(PASSWORD)
            page.locator("main").get_by_role("button", name="Log på", exact=True).click()
            page.wait_for_url(f"{site}/")
            cookies[email] = context.storage_state()
            context.close()
        return cookies[email]

    return sign_in


class Watch:
    """Collects what no page may do: write errors to the console, ask another host, lack a file of its own."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.faults: list[str] = []

    def over(self, context: BrowserContext) -> None:
        context.on("console", self.console)
        context.on("weberror", lambda fault: self.faults.append(f"{fault.error}"))
        context.on("request", self.request)
        context.on("response", self.response)

    def console(self, message: ConsoleMessage) -> None:
        # The browser says so of every 404; `response` knows whether it matters. What has no address is axe's doing.
        known = message.text.startswith("Failed to load resource") or not message.location["url"]
        if message.type == "error" and not known:
            self.faults.append(message.text)

    def request(self, request: Request) -> None:
        # The browser shows a PDF in a page of its own.
        if not request.url.startswith((f"{self.site}/", "data:", "chrome:", "chrome-extension:")):
            self.faults.append(f"asks {request.url}")

    def response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type not in ("document", "xhr"):
            self.faults.append(f"{response.status} {response.url}")


@pytest.fixture
def browse(browser: Browser, site: str, signed_in: Callable[[str], Any]) -> Iterator[Browse]:
    """``browse("hr@korsbaek.example")`` opens a browser of one's own; without an e-mail as a visitor.

    Further arguments are Playwright's for a context. No page may do what ``Watch`` looks for, but what a test
    foresees it names in ``foreseen``: the beginnings of the messages.
    """
    contexts: list[BrowserContext] = []
    watch = Watch(site)
    foresee: list[str] = []

    def open_page(email: str | None = None, *, foreseen: tuple[str, ...] = (), **options: Any) -> Page:
        state = signed_in(email) if email else None
        context = browser.new_context(base_url=site, locale="da-DK", storage_state=state, **options)
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        foresee.extend(foreseen)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert [fault for fault in watch.faults if not fault.startswith(tuple(foresee))] == []


@pytest.fixture
def visitor(browse: Browse) -> Page:
    """The browser of somebody who is not signed in."""
    return browse()
