"""What is wrong with all processes of a group is said once, and what is wrong with one by it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psycopg

from command_line import tallystick
from server_process import ServerProcess
from tallystick.delivery.notifications import NAME

SAY = """
import logging
from tallystick.log_format import set_log_format
from tallystick.shared_warnings import COMMON, leave_common_warnings
set_log_format("short")
for number in range(2):
    logging.getLogger("x").warning("common %d", number, extra=COMMON)
    logging.getLogger("x").warning("own %d", number)
    leave_common_warnings()
"""


def test_a_process_that_leaves_them_says_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["WARNING common 0", "WARNING own 0", "WARNING own 1"]


def start(folder: Path, url: str, **env: str) -> ServerProcess:
    folder.mkdir()
    options = ("--workers", "2", "--database", url)
    return ServerProcess(*options, folder=folder, env=env, dev=False).start()


def test_several_processes_say_the_warnings_of_their_start_once(
    tmp_path: Path, postgres_url: str
) -> None:
    key = ("keys", "create", "eventgrid", "--project", "p", "--scope", "*")
    made = tallystick(*key, "--database", postgres_url, TALLYSTICK_SECRET_KEY="k" * 32)
    assert made.returncode == 0, made.stderr  # sealed by a key that no server has
    networks = {"TALLYSTICK_DELIVERY_NETWORKS": "10.0.0.0/8"}
    other = start(tmp_path / "other", postgres_url, **networks)
    group = start(tmp_path / "group", postgres_url)
    deadline = time.monotonic() + 20
    while "TALLYSTICK_DELIVERY_NETWORKS" not in group.stderr or compared(postgres_url) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    other.stop()
    group.stop()
    for warning in (
        "secrets can't be opened",
        "access key ",
        "the key that signs eventhos' tokens is not sealed",
        "TALLYSTICK_DELIVERY_NETWORKS",
    ):
        assert group.stderr.count(warning) == 1, group.stderr


def compared(url: str) -> int:
    """Return how many processes with no networks have looked for others on the database."""
    # The look is the last query of a connection that listens.
    looks = """
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = %s AND state = 'idle' AND query LIKE '%%pg_stat_activity%%'
    """
    with psycopg.connect(url) as connection:
        row = connection.execute(looks, [f"{NAME}none"]).fetchone()
    assert row
    return int(row[0])
