"""On PostgreSQL the service keeps to its contracts too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SUITE = Path(__file__).parents[1] / "contract_tests"
FILES = (
    "test_vectors.py",
    "test_pages.py",
    "test_sequences.py",
    "test_wire.py",
    "test_eventhos.py",
)


def test_the_contract_tests_pass_with_all_servers_on_one_postgresql(postgres_url: str) -> None:
    files = [str(SUITE / name) for name in FILES]
    command = [sys.executable, "-m", "pytest", "-q", *files, "--database", postgres_url]
    run = subprocess.run(command, check=False, capture_output=True, text=True, cwd=SUITE.parent)
    assert run.returncode == 0, run.stdout
