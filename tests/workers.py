"""How many processes run these tests at once. They hold each other up, so bounds of time are multiples of it."""

import os

WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
