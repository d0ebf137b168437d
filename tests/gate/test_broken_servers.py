"""Every server that is broken on purpose is caught, and the unbroken one passes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate.breakages import BREAKAGES, Breakage
from gate.mutants import SERVERS
from tallystick.apis.event_store.service import DEV_KEY
from tallystick.gate import configuration, runner
from tallystick.gate.configuration import Budget, Configuration
from tallystick.gate.outcome import Outcome, VerifyRun

# Schemathesis runs in this process, where the count of lines costs a third of its CPU time more.
pytestmark = pytest.mark.no_cover

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "verify.md"
APIS = sorted({breakage.api for breakage in BREAKAGES})
OF_THE_FIVE = tuple(suite for suite in runner.SUITES if suite != "example")
KEYS = {"eventStoreKey": DEV_KEY}
QUICK = ("vector", "access", "rule", "sequence", "bytes", "log")
"""The suites of which a run takes a second or two."""


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples enough for what is broken everywhere."""
    monkeypatch.setattr(configuration, "_EXAMPLES", dict.fromkeys(Budget, 200))


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    """The broken servers by what is wrong with them, and the unbroken one under no name."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gate.broken_servers"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()


def judged(url: str, api: str, *suites: str) -> VerifyRun:
    configuration = Configuration(url, (api,))
    if "example" in suites:  # which only a contract of one's own has
        contract = str(TESTS.parent / "openapi" / f"{api}.yaml")
        configuration = Configuration(url, contracts=(contract,), credentials=KEYS)
    return runner.run_suites(configuration, suites=suites)


@pytest.mark.parametrize("breakage", BREAKAGES, ids=[each.name for each in BREAKAGES])
def test_a_broken_server_is_caught(breakage: Breakage, urls: dict[str, str]) -> None:
    # What is seen by others is what the coverage judges.
    suites = ("vector", "coverage") if breakage.suite == "coverage" else (breakage.suite,)
    run = judged(urls[breakage.name], breakage.api, *suites)
    failures = {
        result.name for result in run.list_results(Outcome.FAILED) if result.suite == breakage.suite
    }
    assert breakage.caught_by in failures
    assert run.exit_code == 1


@pytest.mark.parametrize("api", APIS)
def test_the_unbroken_server_passes(api: str, urls: dict[str, str]) -> None:
    suites = OF_THE_FIVE if api == "event_store" else QUICK
    run = judged(urls[""], api, *suites)
    assert [result.id for result in run.list_results(Outcome.FAILED, Outcome.ERROR)] == []
    assert run.exit_code == 0


def test_the_unbroken_server_takes_its_examples(urls: dict[str, str]) -> None:
    run = judged(urls[""], "event_store", "example")
    passed = {result.name for result in run.list_results(Outcome.PASSED)}
    assert passed == {"GET /create is taken", "POST /create is taken"}
    assert run.exit_code == 0


def test_there_are_more_than_twenty_kinds_of_breakage_by_every_suite() -> None:
    assert len({each.name for each in BREAKAGES}) == len(BREAKAGES) > 20
    suites = {each.suite for each in BREAKAGES}
    mutants = [mutant for _, own in SERVERS.values() for mutant in own]
    assert suites | {mutant.suite for mutant in mutants} == set(runner.SUITES)


def test_the_page_tells_which_check_catches_which_server() -> None:
    rows = [f"| {each.name} | {each.api} | {each.suite} | {each.caught_by} |" for each in BREAKAGES]
    table = "\n".join(["| what is broken | API | suite | check |", "|---|---|---|---|", *rows])
    assert table in PAGE.read_text(encoding="utf-8"), table
