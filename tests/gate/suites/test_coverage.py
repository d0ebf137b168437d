"""Each answer that the contract declares was seen or was not, and no other may be."""

from __future__ import annotations

from tallystick.contract_tests import contract

from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.coverage import judge_coverage, list_cells
from tallystick.gate.suites.result import NOT_PROVOKED
from tallystick.gate.target_server import TargetServer, target_server

NOT_FOUND = b'{"code": 404, "message": "Cron introuvable."}'
CAN_START = "/api/nightly-report/can-start"


def target() -> TargetServer:
    """A server that was never asked."""
    return target_server(Configuration("http://127.0.0.1:9"))


def by_name(found: TargetServer, api: str) -> dict[str, CheckResult]:
    return {result.name: result for result in judge_coverage(found, api)}


def test_there_is_a_result_for_each_declared_answer_of_the_api() -> None:
    own = [operation for operation in contract.operations() if operation.api == "charon"]
    found = by_name(target(), "charon")
    assert len(found) == sum(len(operation.declared) for operation in own)
    assert {result.outcome for result in found.values()} == {Outcome.SKIPPED}


def test_what_was_seen_passes_with_its_place() -> None:
    found = target()
    found.coverage.saw("GET", CAN_START, 404, NOT_FOUND)
    results = by_name(found, "charon")
    for name in ("GET /api/{slug}/can-start 404", "GET /api/{slug}/can-start 404 404-cron"):
        assert results[name].outcome is Outcome.PASSED
        assert str(results[name].places[0]).startswith("openapi/charon.yaml:")
    assert sum(result.outcome is Outcome.PASSED for result in results.values()) == 2


def test_what_was_not_seen_says_why() -> None:
    results = by_name(target(), "charon")
    assert results["GET /api/{slug}/can-start 500"].reason == NOT_PROVOKED
    assert results["GET /api/{slug}/can-start 429"].reason == NOT_PROVOKED
    assert results["GET /api/{slug}/can-start 404"].reason == "the run did not get this answer"


def test_an_answer_that_is_not_declared_fails() -> None:
    found = target()
    found.coverage.saw("GET", CAN_START, 302, b"")
    result = by_name(found, "charon")["GET /api/{slug}/can-start 302 is not declared"]
    assert result.outcome is Outcome.FAILED
    assert result.asked.startswith("one of 200, ")


def test_what_an_http_server_itself_says_needs_no_declaration() -> None:
    found = target()
    for status in (405, 414, 431, 505):
        found.coverage.saw("GET", CAN_START, status, b"")
    assert Outcome.FAILED not in {result.outcome for result in by_name(found, "charon").values()}
    assert all(cell.declared for cell in list_cells(found.coverage, "charon"))


def test_each_answer_is_a_cell_with_its_count() -> None:
    found = target()
    for _ in range(3):
        found.coverage.saw("GET", CAN_START, 404, NOT_FOUND)
    found.coverage.saw("GET", CAN_START, 302, b"")
    counted = [cell for cell in list_cells(found.coverage, "charon") if cell.count]
    assert [(cell.status, cell.code, cell.count, cell.declared) for cell in counted] == [
        (404, "", 3, True),
        (404, "404-cron", 3, True),
        (302, "", 1, False),
    ]
