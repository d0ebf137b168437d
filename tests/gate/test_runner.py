"""A run at any server, with any of its answers."""

from __future__ import annotations

import pytest
from tallystick.contract_tests import contract
from tallystick.contract_tests.credentials import NoCredential

from gate.stub import Stub
from tallystick.gate import runner
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import Outcome, VerifyRun
from tallystick.gate.suites.bytes import judge_bytes
from tallystick.gate.suites.log import judge_log
from tallystick.gate.target_server import target_server


def judged(url: str, *suites: str, **told: object) -> VerifyRun:
    return runner.run_suites(Configuration(url, **told), suites=suites)  # type: ignore[arg-type]


def vectors(run: VerifyRun, outcome: Outcome) -> list[str]:
    return [result.name for result in run.list_results(outcome)]


def test_a_failure_says_where_the_vendors_page_has_the_rule(stub: Stub) -> None:
    run = judged(stub.url, "vector", apis=("event_store",))
    places = {place.says for result in run.list_results(Outcome.FAILED) for place in result.places}
    assert places == {"vector", "contract", "error code", "vendor's page"}


def test_a_server_that_ends_meanwhile_fails_and_ends_no_run() -> None:
    with Stub().running() as stub:
        ended = target_server(Configuration(stub.url))
    with pytest.raises(NoCredential, match="was not answered"):
        ended.server.world.credential("eventhos", "token")
    kept = next(judge_log(ended, "event_store"))
    assert kept.outcome is Outcome.FAILED
    assert kept.objections[0].startswith("no answer came")


def test_a_call_that_cant_be_prepared_is_skipped_and_said() -> None:
    with Stub().running() as stub:
        [kept] = judge_log(target_server(Configuration(stub.url)), "charon")
        ended = target_server(Configuration(stub.url))
    sent = list(judge_bytes(ended, "charon"))
    assert (kept.outcome, kept.reason) == (Outcome.SKIPPED, "GET /api/1/start answers 200")
    assert {each.outcome for each in sent} == {Outcome.SKIPPED}
    assert {each.reason for each in sent} == {"GET /api/1/start was not answered"}


def test_what_cant_be_provoked_is_skipped_and_said(stub: Stub) -> None:
    run = judged(stub.url, "vector", apis=("event_store",))
    assert vectors(run, Outcome.SKIPPED) != []
    assert {result.reason for result in run.list_results(Outcome.SKIPPED)} == {
        "such a failure can't be provoked at a server from outside"
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


def test_the_dev_worlds_key_is_for_servers_on_this_machine_alone() -> None:
    with Stub().running() as server:
        judged(server.url, "vector", apis=("event_store",))
        assert any(asked.key.startswith("XXX1XX12") for asked in server.asked)
    abroad = target_server(Configuration("https://staging.example.com", ("event_store",)))
    with pytest.raises(Exception, match="TALLYSTICK_CONTRACT_EVENT_STORE_KEY"):
        abroad.server.world.credential("event_store", "key")
