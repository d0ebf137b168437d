"""A server is judged by a contract of your own, with and without error codes in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from tallystick.contract_tests import contract

from gate.stub import Stub
from server_process import READY
from tallystick.gate import runner
from tallystick.gate.configuration import BadConfiguration, Configuration
from tallystick.gate.outcome import CONFORMS, COULD_NOT_RUN, Outcome, VerifyRun

CUSTOMERS = Path(__file__).with_name("customers.yaml")
KEY = "k-0123456789"
QUICK = tuple(suite for suite in runner.SUITES if suite != "fuzz")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A mock of the contract, which is a right server of it."""
    command = [sys.executable, "-m", "tallystick", "mock", "--port", "0"]
    command += ["--contract", str(CUSTOMERS), "--key", f"customerKey={KEY}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = (READY.search(line.rstrip()) for line in process.stderr)
        yield next(each[1] for each in found if each)
        process.kill()


def judged(url: str, file: Path = CUSTOMERS, *suites: str, key: str = KEY) -> VerifyRun:
    credentials = {"customerKey": key} if key else {}
    told = Configuration(url, contracts=(str(file),), credentials=credentials)
    return runner.run_suites(told, suites=suites or QUICK)


def failures(run: VerifyRun) -> list[str]:
    return [
        f"{result.id}: {result.objections}"
        for result in run.list_results(Outcome.FAILED, Outcome.ERROR)
    ]


def test_a_right_server_conforms_to_a_contract_of_your_own(url: str) -> None:
    run = judged(url)
    assert failures(run) == []
    assert run.exit_code == CONFORMS
    passed = {(result.suite, result.name) for result in run.list_results(Outcome.PASSED)}
    assert ("example", "POST /customers is taken") in passed
    assert ("rule", "POST /customers: kind enum is KIND1") in passed
    name = "/customers: one that was made is shown, changed and deleted"
    assert ("sequence", name) in passed


def test_without_codes_each_rule_must_still_be_refused(url: str, tmp_path: Path) -> None:
    plain = yaml.safe_load(CUSTOMERS.read_text(encoding="utf-8"))
    del plain["x-codes"]
    for member in plain["components"]["schemas"]["NewCustomer"]["properties"].values():
        del member["x-error-codes"]
    file = tmp_path / "plain.yaml"
    file.write_text(yaml.dump(plain), encoding="utf-8")
    run = judged(url, file, "rule")
    assert failures(run) == []
    names = {result.name for result in run.list_results(Outcome.PASSED)}
    assert "POST /customers: kind enum is refused" in names
    assert "POST /customers: name maxLength is refused" in names


def test_a_server_that_takes_everything_fails(stub: Stub) -> None:
    run = judged(stub.url)
    failed = {result.suite for result in run.list_results(Outcome.FAILED)}
    assert {"access", "rule", "sequence", "bytes"} <= failed


def test_what_needs_a_credential_you_did_not_give_is_skipped(url: str) -> None:
    run = judged(url, CUSTOMERS, "example", "access", "rule", "sequence", key="")
    made = [result for result in run.results if result.suite != "run"]
    assert {result.outcome for result in made} == {Outcome.SKIPPED}
    assert run.exit_code == COULD_NOT_RUN


def test_the_five_apis_are_there_again_after_a_run(stub: Stub) -> None:
    judged(stub.url, CUSTOMERS, "example")
    assert "charon" in contract.apis()
    assert contract.operation("GET", "/customers/1") is None


def test_a_contract_that_can_t_be_read_is_said(stub: Stub, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="there is no such file"):
        judged(stub.url, tmp_path / "none.yaml")


def test_a_name_that_no_contract_has_is_refused(stub: Stub) -> None:
    told = Configuration(stub.url, contracts=(str(CUSTOMERS),))
    with pytest.raises(BadConfiguration, match="unknown credential key: choose one of customerKey"):
        runner.run_suites(replace(told, credentials={"key": "x"}))
    with pytest.raises(BadConfiguration, match="unknown identifier customer: choose one of id"):
        runner.run_suites(replace(told, known={"customer": "c-1"}))


def test_a_credential_may_come_from_the_environment(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLYSTICK_CONTRACT_CUSTOMERS_CUSTOMERKEY", KEY)
    run = judged(url, CUSTOMERS, "example", "rule", key="")
    assert failures(run) == []
    assert run.exit_code == CONFORMS
