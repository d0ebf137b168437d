"""A run at any server, with any of its answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tallystick.contract_tests import contract

from gate.stub import Stub
from tallystick.gate import runner
from tallystick.gate.configuration import BadConfiguration, Configuration
from tallystick.gate.outcome import COULD_NOT_RUN, Outcome, VerifyRun

CRASHING = """
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Crashing(BaseHTTPRequestHandler):
    def do_GET(self):
        if "cl=ABCDEFGHIJK" in self.path:
            os._exit(1)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET


server = ThreadingHTTPServer(("127.0.0.1", 0), Crashing)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture
def crashing() -> Iterator[str]:
    """A server that ends at a client name of eleven letters."""
    with subprocess.Popen(
        [sys.executable, "-c", CRASHING], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()


def judged(url: str, *suites: str, **told: object) -> VerifyRun:
    return runner.run_suites(Configuration(url, **told), suites=suites)  # type: ignore[arg-type]


def vectors(run: VerifyRun, outcome: Outcome) -> list[str]:
    return [result.name for result in run.list_results(outcome)]


def test_a_failure_says_where_the_vendors_page_has_the_rule(stub: Stub) -> None:
    run = judged(stub.url, "vector", apis=("event_store",))
    places = {place.says for result in run.list_results(Outcome.FAILED) for place in result.places}
    assert places == {"vector", "contract", "error code", "vendor's page"}


def test_what_cant_be_provoked_is_skipped_and_said(stub: Stub) -> None:
    run = judged(stub.url, "vector", apis=("event_store",))
    assert vectors(run, Outcome.SKIPPED) != []
    assert {result.reason for result in run.list_results(Outcome.SKIPPED)} == {
        "you can't provoke such a failure from outside"
    }


@pytest.mark.usefixtures("few")
def test_safe_sends_nothing_that_writes(stub: Stub) -> None:
    run = judged(stub.url, *runner.SUITES, apis=("event_store", "charon"), safe=True)
    assert stub.asked != []
    for asked in stub.asked:
        operation = contract.operation(asked.method, asked.path.partition("?")[0])
        assert asked.method in ("GET", "HEAD", "OPTIONS"), asked
        assert operation is None or not operation.writes, asked
    assert {result.suite for result in run.list_results(Outcome.DISABLED)} == {
        "vector",
        "access",
        "rule",
        "sequence",
        "bytes",
        "log",
        "fuzz",
    }


@pytest.mark.usefixtures("few")
def test_a_seed_repeats_a_run() -> None:
    sent = []
    for seed in (1, 1, 2):
        with Stub().running() as server:
            judged(server.url, "vector", "fuzz", apis=("event_store",), seed=seed)
            sent.append(server.asked)
    assert sent[0] == sent[1]
    assert sent[0] != sent[2]


@pytest.mark.usefixtures("few")
def test_a_crash_is_one_finding_with_what_it_took_down(crashing: str) -> None:
    run = judged(crashing, *runner.SUITES, apis=("event_store", "charon"))
    [crash] = [
        each for each in run.list_results(Outcome.FAILED) if "went down" in each.objections[0]
    ]
    assert crash == run.list_results(Outcome.FAILED)[-1]
    assert "from check" in crash.objections[0]
    assert "charon vector" in crash.objections[0]
    assert {result.api for result in run.results} == {"event_store", "charon"}
    assert not any(result.api == "charon" and result.suite == "vector" for result in run.results)


def test_one_check_is_repeated_by_its_name_in_a_report(stub: Stub) -> None:
    name = "event_store vector: The shell's POST creates an event"
    run = judged(stub.url, *runner.SUITES, apis=("event_store",), checks=(name,))
    assert [result.id for result in run.results] == [name]
    assert len(stub.asked) == 2, "it asks whether there is a server, and the one question"


def test_a_suite_is_chosen_by_its_name(stub: Stub) -> None:
    run = judged(stub.url, *runner.SUITES, apis=("event_store",), suites=("log",))
    assert {result.suite for result in run.results} == {"log"}


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"checks": ("nothing",)}, "no check is called nothing"),
        ({"suites": ("example",)}, "no check is of the suite example"),
    ],
)
def test_a_choice_without_a_check_could_not_be_judged(
    chosen: dict[str, Any], reason: str, stub: Stub
) -> None:
    run = judged(stub.url, *runner.SUITES, apis=("event_store",), **chosen)
    [result] = run.results
    assert result.reason == reason
    assert run.exit_code == COULD_NOT_RUN


def test_an_unknown_suite_is_refused_with_what_there_is(stub: Stub) -> None:
    with pytest.raises(BadConfiguration, match="unknown suite x: choose one of vector, example"):
        judged(stub.url, *runner.SUITES, suites=("x",))


def test_a_check_has_its_time(stub: Stub) -> None:
    run = judged(stub.url, "vector", "bytes", apis=("event_store",))
    assert all(result.seconds > 0 for result in run.results if result.suite == "vector")
    assert sum(result.seconds for result in run.results) <= run.seconds
