"""`make bench`: makes a database of its own with demo data, and measures in it. Nothing of it is left.

`python -m tests.bench reports` measures the reports alone, `pages` the pages, `exports` the exports and `figures`
taking figures in.
"""

import os
import socket
import subprocess
import sys

import django
from django.conf import settings

from tests.databases import database

DATABASE = "flere_haender_bench"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flere_haender.settings")
    django.setup()
    with database(DATABASE) as url:
        environment = _environment(url)
        subprocess.run([sys.executable, "manage.py", "prepare_database"], env=environment, check=True)
        wanted = sys.argv[1:] or ["pages", "reports", "exports"]
        modules = [[sys.executable, "-m", f"tests.bench.{name}"] for name in wanted]
        return max(subprocess.run(module, env=environment).returncode for module in modules)


def _environment(database_url: str) -> dict[str, str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "DATABASE_URL": database_url,
        "DEMO": "1",
        "DEBUG": "0",
        "HTTPS": "0",
        "SECRET_KEY": settings.SECRET_KEY,
        "PORT": str(port),
    }


if __name__ == "__main__":
    sys.exit(main())
