"""A right server passes, whatever its keys and the names of its world."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tallystick.contract_tests.api_facts import judged_apis

from gate.own_world import OwnWorld, own_world
from tallystick.gate import runner
from tallystick.gate.configuration import PAGE, Configuration
from tallystick.gate.outcome import CONFORMS, Outcome, VerifyRun

QUICK = tuple(suite for suite in runner.SUITES if suite not in ("fuzz", "coverage"))

# Schemathesis runs in this process, where the count of lines costs a third of its CPU time more.
pytestmark = [pytest.mark.no_cover, pytest.mark.usefixtures("few")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnWorld]:
    with own_world(tmp_path_factory.mktemp("own")) as started:
        yield started


def judged(
    world: OwnWorld,
    api: str,
    *suites: str,
    only: str = "",
    known: dict[str, str] | None = None,
) -> VerifyRun:
    given = dict(world.known) if known is None else known
    told = Configuration(world.url, (api,), only=only, credentials=world.credentials, known=given)
    return runner.run_suites(told, suites=suites or runner.SUITES)


def failures(run: VerifyRun) -> list[str]:
    return [
        f"{result.id}: {result.objections}"
        for result in run.list_results(Outcome.FAILED, Outcome.ERROR)
    ]


@pytest.mark.parametrize("api", judged_apis())
def test_a_service_without_the_dev_world_conforms(world: OwnWorld, api: str) -> None:
    # The others have so many operations that their fuzzing takes a minute each.
    suites = runner.SUITES if api in ("charon", "event_store") else QUICK
    run = judged(world, api, *suites)
    assert failures(run) == []
    assert run.exit_code == CONFORMS


def test_a_check_that_needs_an_id_you_did_not_give_is_skipped_with_a_word(world: OwnWorld) -> None:
    run = judged(world, "charon", *QUICK, known={})
    assert failures(run) == []
    reasons = {result.reason for result in run.list_results(Outcome.SKIPPED)}
    assert "the server's own charon.cron_id was not given" in reasons


def test_an_api_without_a_credential_is_skipped_unless_you_name_it(world: OwnWorld) -> None:
    key = {"event_store.key": world.credentials["event_store.key"]}
    for apis, outcome in (((), Outcome.SKIPPED), (("charon",), Outcome.ERROR)):
        told = Configuration(world.url, apis, credentials=key)
        run = runner.run_suites(told, suites=("vector",))
        [found] = [each for each in run.results if each.id == "charon run: get a credential"]
        assert found.outcome is outcome


def test_only_page_judges_by_the_vendors_page_alone(world: OwnWorld) -> None:
    run = judged(world, "charon", only=PAGE)
    assert failures(run) == []
    judged_by = {result.ruling for result in run.list_results(Outcome.PASSED)}
    assert judged_by == {False}
    left_out = run.list_results(Outcome.DISABLED)
    assert {result.ruling for result in left_out} == {True}
