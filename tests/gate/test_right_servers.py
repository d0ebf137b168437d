"""Right servers on common frameworks keep a contract of their own, without a false alarm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gate.orders import CONTRACT, CREDENTIALS, FRAMEWORKS, served_orders
from tallystick.gate import runner
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CONFORMS, Outcome, VerifyRun

# Schemathesis runs in this process, where the count of lines costs a third of its CPU time more.
pytestmark = [pytest.mark.no_cover, pytest.mark.usefixtures("few")]


def judged(url: str, *suites: str, **told: object) -> VerifyRun:
    settings: dict[str, object] = {"credentials": CREDENTIALS, **told}
    configuration = Configuration(url, contracts=(str(CONTRACT),), **settings)  # type: ignore[arg-type]  # what a test tells is a setting
    return runner.run_suites(configuration, suites=suites or runner.SUITES)


@pytest.fixture(scope="module", params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def url(framework: str) -> Iterator[str]:
    with served_orders(framework) as started:
        yield started


def test_a_right_server_on_a_common_framework_passes(framework: str, url: str) -> None:
    # One fuzzing takes longer than all else, so the others' are for `make mutants`.
    is_fuzzed = framework == "FastAPI"
    run = judged(url, *(suite for suite in runner.SUITES if is_fuzzed or suite != "fuzz"))
    found = run.list_results(Outcome.FAILED, Outcome.ERROR)
    assert [(result.id, result.objections, result.sent) for result in found] == []
    assert run.exit_code == CONFORMS
    passed = {result.suite for result in run.list_results(Outcome.PASSED)}
    assert passed >= {"example", "access", "rule", "sequence", "bytes", "time", "coverage"}


def test_each_kind_of_credential_is_sent_and_broken(url: str) -> None:
    run = judged(url, "example", "access")
    checks = {result.name for result in run.list_results(Outcome.PASSED)}
    for path in ("/figures", "/basket", "/stock"):
        assert f"GET {path} is taken" in checks
        assert f"GET {path}: a credential without its last letter is refused" in checks


def test_rules_of_a_query_and_of_a_resource_s_change_are_broken(url: str) -> None:
    checks = {result.name for result in judged(url, "rule").list_results(Outcome.PASSED)}
    assert "GET /orders: limit maximum is refused" in checks
    assert "PATCH /orders/{orderId}: pieces maximum is refused" in checks
    assert "POST /orders: labels.0 pattern is refused" in checks
