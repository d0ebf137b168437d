"""The pytest plugin, as a suite of somebody's own has it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import requests

from tallystick.mock.client import Tallystick

SUITE = """
import requests

EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}


def send(tallystick):
    headers = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
    return requests.post(f"{tallystick.url}/create", json=EVENT, headers=headers, timeout=10)


def test_a_failure(tallystick):
    tallystick.fail_next("createEvent", error="M004")
    assert send(tallystick).json()["code"] == "M004"
    assert send(tallystick).ok
    tallystick.verify("createEvent", {"body": {"$.cl": "EDF"}}, times=2)
    assert [request.status for request in tallystick.requests] == [400, 200]


def test_nothing_is_left_of_the_test_before(tallystick):
    assert tallystick.requests == []
    assert tallystick.freeze() == "2026-01-31T08:15:30.000Z"
    assert tallystick.advance("20m") == "2026-01-31T08:35:30.000Z"
"""


def test_a_suite_has_a_mock_for_every_test(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\ntallystick_options = --seed 1\n")

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "2 passed" in ran.stdout, ran.stdout


def test_the_plugin_brings_nothing_that_a_suite_has_to_wait_for() -> None:
    code = "import sys, tallystick.mock.pytest_plugin; print(sorted(sys.modules))"
    listed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert "connexion" not in listed
    assert "sqlalchemy" not in listed


def test_each_of_two_mocks_is_by_itself(start_tallystick: Callable[..., Tallystick]) -> None:
    one, other = start_tallystick(), start_tallystick()
    requests.get(f"{one.url}/create", timeout=10)

    assert (len(one.requests), len(other.requests)) == (1, 0)


def test_a_mock_is_there_soon(start_tallystick: Callable[..., Tallystick]) -> None:
    started = time.monotonic()
    start_tallystick().reset()

    # Among other work on the machine; `docs/mock.md` tells what it takes alone.
    assert time.monotonic() - started < 10
