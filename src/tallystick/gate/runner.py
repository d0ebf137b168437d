"""Runs the contract tests against a server, your own or another."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from importlib import import_module
from typing import NamedTuple

from tallystick.contract_tests import contract
from tallystick.contract_tests.api_facts import judged_apis
from tallystick.contract_tests.credentials import NoCredential
from tallystick.gate import baseline
from tallystick.gate.configuration import PAGE, BadConfiguration, Configuration
from tallystick.gate.outcome import CheckResult, Outcome, VerifyRun
from tallystick.gate.own_contract import own_contracts
from tallystick.gate.redaction import Redaction
from tallystick.gate.suites.access import judge_access, list_access_checks
from tallystick.gate.suites.bytes import judge_bytes, list_byte_cases
from tallystick.gate.suites.coverage import judge_coverage, list_cells
from tallystick.gate.suites.examples import judge_examples, list_examples
from tallystick.gate.suites.log import judge_log, list_logged_calls
from tallystick.gate.suites.result import NO_ANSWER
from tallystick.gate.suites.rules import judge_rules, list_rule_checks
from tallystick.gate.suites.sequences import judge_sequences, list_chosen_sequences
from tallystick.gate.suites.times import judge_times
from tallystick.gate.suites.vectors import judge_vector, list_vectors
from tallystick.gate.target_server import TargetServer, is_down, reach, target_server

INSTALL = "verify needs more than the service does: pip install 'tallystick[contract]'"


class NotInstalled(Exception):
    """The tools of the contract tests are missing; the message says how to install them."""


class Step(NamedTuple):
    """A step of a run: one suite of one API, with the number of its checks and their results."""

    api: str
    suite: str
    size: int
    results: Iterator[CheckResult]

    def __str__(self) -> str:
        """Return the step's name for people."""
        return f"{self.api} {self.suite}"


SUITES = (
    "vector",
    "example",
    "access",
    "rule",
    "sequence",
    "bytes",
    "log",
    "time",
    "fuzz",
    "coverage",
)

Progress = Callable[[str, int, int], None]
"""A function of the step's title, the number of checks done and the number of all."""


def run_suites(
    configuration: Configuration,
    progress: Progress = lambda *_: None,
    suites: Collection[str] = SUITES,
) -> VerifyRun:
    """Check the server and return the results with secrets redacted.

    Raises `NotInstalled` if tools are missing, and `BadConfiguration`.
    """
    _require_tools()
    with own_contracts(configuration) as told:
        return _run(told, progress, suites)


def _run(configuration: Configuration, progress: Progress, suites: Collection[str]) -> VerifyRun:
    known = baseline.read_baseline(configuration.baseline) if configuration.baseline else []
    started, clock = datetime.now(UTC), time.monotonic()
    server = target_server(configuration)
    suites = _chosen_suites(configuration, suites)
    results = list(_results(server, progress, suites))
    redaction = Redaction(server.secrets, configuration.told)
    limits = _limits(configuration)
    results = list(baseline.apply(known, results, is_whole=not limits))
    results += _limited(results)
    apis = _apis(configuration)
    return VerifyRun(
        url=configuration.url,
        apis=apis,
        budget=configuration.budget,
        seed=configuration.seed,
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - clock,
        options=limits,
        waited_s=server.server.client.waits.seconds,
        answers=server.coverage.answers,
        results=[redaction.result(each) for each in results],
        coverage=tuple(cell for api in apis for cell in list_cells(server.coverage, api)),
    )


def _chosen_suites(configuration: Configuration, suites: Collection[str]) -> Collection[str]:
    for name in configuration.suites:
        if name not in SUITES:
            raise BadConfiguration(f"unknown suite {name}: choose one of {', '.join(SUITES)}")
    if configuration.only == PAGE:
        return {"vector"}
    return configuration.suites or suites


def _limits(configuration: Configuration) -> str:
    given = [
        *(["--safe"] if configuration.safe else []),
        *([f"--only {configuration.only}"] if configuration.only else []),
        *(f"--suite {name}" for name in configuration.suites),
        *(f"--check {pattern!r}" for pattern in configuration.checks),
    ]
    return " ".join(given)


def _results(
    server: TargetServer, progress: Progress, suites: Collection[str]
) -> Iterator[CheckResult]:
    if problem := reach(server):
        yield _error("all", "run", "reach the server", problem)
        return
    steps = []
    for api in _apis(server.configuration):
        if problem := _no_way_in(server, api):
            yield _not_judged(server, api, problem)
        else:
            steps += [step for step in _steps(server, api) if step.suite in suites]
    chosen = [step for step in steps if step.size != 0]
    yield from _of_steps(server, chosen, progress)
    yield from _unseen(server, chosen)


def _of_steps(
    server: TargetServer, steps: Sequence[Step], progress: Progress
) -> Iterator[CheckResult]:
    """Yield the results up to the last one, or to the one that took the server down."""
    for index, step in enumerate(steps):
        for done, result in enumerate(_counted(step, progress), 1):
            if result.came.startswith(NO_ANSWER) and is_down(server):
                rest = [str(each) for each in steps[index + 1 :] if each.suite != "coverage"]
                yield _crash(result, [f"{step}, from check {done + 1} on", *rest])
                return
            yield result


def _crash(result: CheckResult, not_run: Sequence[str]) -> CheckResult:
    said = f"the server went down at this request and stayed down; not run: {'; '.join(not_run)}"
    return replace(result, objections=(said, *result.objections))


def _unseen(server: TargetServer, steps: Sequence[Step]) -> Iterator[CheckResult]:
    """Yield an error for each API without any declared answer, or without any check."""
    told = server.configuration
    if not steps and (names := told.checks or told.suites):
        kind = "called" if told.checks else "of the suite"
        yield _error("all", "run", "find the check", f"no check is {kind} {', '.join(names)}")
    for api in dict.fromkeys(step.api for step in steps):
        if not any(cell.count for cell in list_cells(server.coverage, api)):
            yield _error(api, "run", "judge anything", "the run saw none of the declared answers")
        elif address := _other_address(server, api):
            reason = f"no call found anything: give {address}, if that is its base URL"
            yield _error(api, "run", "find the API", reason)
        elif HTTPStatus.UNAUTHORIZED in _refusals(server, api):
            reason = "each call was refused, by a 401 too: is the credential that of this server?"
            yield _error(api, "run", "be let in", reason)


def _limited(results: Sequence[CheckResult]) -> list[CheckResult]:
    """Return an error for each API with checks that failed by too many calls."""
    refused = str(HTTPStatus.TOO_MANY_REQUESTS.value)
    failed = (each for each in results if each.outcome is Outcome.FAILED)
    apis = dict.fromkeys(each.api for each in failed if each.came.startswith(refused))
    reason = "checks failed by a 429: judge a server that takes more calls in the time"
    return [_error(api, "run", "be served", reason) for api in apis]


def _other_address(server: TargetServer, api: str) -> str | None:
    """Return the server's URL with the contract's base path, if all calls without it failed."""
    base = contract.document(api).get("x-base-path", "")
    url = server.configuration.url.rstrip("/")
    if not base or url.endswith(base) or HTTPStatus.NOT_FOUND not in _refusals(server, api):
        return None
    return f"{url}{base}"


def _refusals(server: TargetServer, api: str) -> set[int]:
    """Return the statuses of all declared answers that were seen; none if a call succeeded."""
    seen = {cell.status for cell in list_cells(server.coverage, api) if cell.count}
    return set() if any(status < HTTPStatus.BAD_REQUEST for status in seen) else seen


def _steps(server: TargetServer, api: str) -> Iterator[Step]:
    """Yield the steps of an API with the checks you chose."""
    from tallystick.gate.suites.fuzz import judge_fuzzing, list_fuzzed

    told = server.configuration
    vectors = list_vectors(told, api)
    yield Step(api, "vector", len(vectors), (judge_vector(server, each) for each in vectors))
    yield Step(api, "example", len(list_examples(told, api)), judge_examples(server, api))
    yield Step(api, "access", len(list_access_checks(told, api)), judge_access(server, api))
    yield Step(api, "rule", len(list_rule_checks(told, api)), judge_rules(server, api))
    sequences = list_chosen_sequences(told, api)
    yield Step(api, "sequence", len(sequences), judge_sequences(server, api))
    yield Step(api, "bytes", len(list_byte_cases(told, api)), judge_bytes(server, api))
    yield Step(api, "log", len(list_logged_calls(told, api)), judge_log(server, api))
    yield Step(api, "time", int(not told.checks), judge_times(server, api))
    yield Step(api, "fuzz", len(list_fuzzed(told, api)), judge_fuzzing(server, api))
    yield Step(api, "coverage", int(not told.checks), judge_coverage(server, api))


def _counted(step: Step, progress: Progress) -> Iterator[CheckResult]:
    title = f"{step.api}: {step.suite}"
    size = 0 if step.suite in ("fuzz", "coverage") else step.size
    progress(title, 0, size)
    began = time.monotonic()
    for done, result in enumerate(step.results, 1):
        progress(title, done, size)
        yield result if result.seconds else replace(result, seconds=time.monotonic() - began)
        began = time.monotonic()


def _apis(configuration: Configuration) -> tuple[str, ...]:
    return configuration.apis or tuple(judged_apis())


def _no_way_in(server: TargetServer, api: str) -> str | None:
    """Return the reason no credential can be had, or None if there is one."""
    from tallystick.contract_tests import fuzz

    name = fuzz.main_credential(api)
    if name is None or server.configuration.contracts:
        return None
    try:
        server.server.world.credential(api, name)
    except NoCredential as error:
        return f"no credential for {api}: {error}"
    except Exception as error:
        # a foreign server may answer the request for a token with anything
        return f"no credential for {api}: {error!r}"
    return None


def _not_judged(server: TargetServer, api: str, problem: str) -> CheckResult:
    """Return an error for an API you named, and else a skip: the server may not have it."""
    named = api in server.configuration.apis
    outcome = Outcome.ERROR if named else Outcome.SKIPPED
    return CheckResult(api, "run", "get a credential", outcome, cases=0, reason=problem)


def _error(api: str, suite: str, name: str, reason: str) -> CheckResult:
    return CheckResult(api, suite, name, Outcome.ERROR, cases=0, reason=reason)


def _require_tools() -> None:
    try:
        import_module("tallystick.contract_tests.fuzz")
    except ImportError as error:
        raise NotInstalled(f"{INSTALL} ({error.name} is missing)") from error
