"""The long walk, with a database at hand: ``python -m tests.hostile --requests 10000 [--seed N]``."""

import argparse
import os
import random
import sys
from pathlib import Path

import pytest

parser = argparse.ArgumentParser(prog="python -m tests.hostile")
parser.add_argument("--requests", type=int, default=10_000)
parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
chosen = parser.parse_args()
os.environ.update(HOSTILE_REQUESTS=str(chosen.requests), HOSTILE_SEED=str(chosen.seed))
sys.exit(pytest.main(["-q", "-s", "--tb=short", str(Path(__file__).parent / "test_walk.py"), "-k", "everywhere"]))
