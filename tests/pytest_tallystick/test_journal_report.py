"""A test that fails shows what the mock received."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import requests
from tallystick.pytest_tallystick.journal_report import describe_journal

from tallystick.mock.client import Tallystick

Create = Callable[..., requests.Response]

SUITE = """
import requests


def test_one(tallystick, start_tallystick):
    other = start_tallystick()
    requests.post(f"{tallystick.url}/create", json={"cl": "x"}, timeout=10,
                  headers={"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"})
    requests.get(f"{other.url}/nowhere", timeout=10)
    assert False


def test_two(async_tallystick):
    assert False


def test_three(tallystick):
    pass
"""


def test_requests_are_shown_with_their_violations(mock: Tallystick, create: Create) -> None:
    assert describe_journal(mock) == "No request came."
    create(cl="x")
    lines = describe_journal(mock).splitlines()
    assert lines == ["<#1 POST /create 400>", "  body cl must have at least 3 characters"]


def test_the_last_of_many_are_shown(mock: Tallystick, create: Create) -> None:
    for _ in range(25):
        create()
    lines = describe_journal(mock).splitlines()
    assert lines[0] == "25 requests came; the last are:"
    assert (len(lines), lines[-1]) == (21, "<#25 POST /create 200>")


def test_a_mock_that_is_gone_is_no_second_failure() -> None:
    said = describe_journal(Tallystick("http://127.0.0.1:1"))
    assert said.startswith("The mock does not show its journal: ")


def test_the_report_of_a_failed_test_has_the_journals(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    said = ran.stdout
    assert "2 failed, 1 passed" in said, said
    assert said.count("Tallystick at http://127.0.0.1:") == 3
    assert "<#1 POST /create 400>\n  body cl must have at least 3 characters" in said
    assert "<#1 GET /nowhere 404>" in said
    assert said.count("No request came.") == 1
