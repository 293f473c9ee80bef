"""`make run` has the worker beside the server: it is started again when it dies, and ends with the server."""

import os
import signal
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
from django.conf import settings
settings.configure(EMBEDDED_DATABASE=False)
from flere_haender.embedded_postgres.foreground import database_at_hand, kept_running, run
with database_at_hand(), kept_running(["sh", "-c", "echo $$; exec sleep 60"]):
    sys.exit(run(["sleep", sys.argv[1]]))
"""


def start(seconds: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, seconds]
    return subprocess.Popen(command, cwd=REPOSITORY, text=True, stdout=subprocess.PIPE)


def next_worker(serving: subprocess.Popen[str]) -> int:
    assert serving.stdout
    return int(serving.stdout.readline())


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_worker_that_dies_is_started_again_and_ends_when_we_are_told_to() -> None:
    serving = start("60")
    first = next_worker(serving)
    os.kill(first, signal.SIGKILL)
    second = next_worker(serving)
    assert not is_running(first) and is_running(second)
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(20) == 128 + signal.SIGTERM
    assert not is_running(second)


def test_it_ends_when_the_server_does() -> None:
    serving = start("1")
    worker = next_worker(serving)
    assert serving.wait(20) == 0
    assert not is_running(worker)
