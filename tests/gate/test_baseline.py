"""Failures that are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gate.stub import Stub
from server_process import ServerProcess
from tallystick.contract.yaml_bounds import MAX_BYTES
from tallystick.gate import runner
from tallystick.gate.baseline import apply, read_baseline
from tallystick.gate.configuration import BadConfiguration, Configuration
from tallystick.gate.outcome import CheckResult, Outcome, VerifyRun


def judged(url: str, baseline: Path) -> VerifyRun:
    told = Configuration(url, ("event_store",), baseline=baseline)
    return runner.run_suites(told, suites=("vector",))


def test_a_known_failure_is_disabled_with_its_reason(stub: Stub, tmp_path: Path) -> None:
    file = tmp_path / "known.txt"
    file.write_text("# what we know\nevent_store vector: * # we answer 200 to all\n")
    run = judged(stub.url, file)
    assert run.list_results(Outcome.FAILED) == []
    reasons = {result.reason for result in run.list_results(Outcome.DISABLED)}
    assert reasons == {f"known failure, {file}:2: we answer 200 to all"}


def test_what_fails_by_too_many_calls_is_known_too(tmp_path: Path) -> None:
    file = tmp_path / "known.txt"
    file.write_text("event_store vector: * # it limits our calls\n")
    with Stub(status=429).running() as busy:
        run = judged(busy.url, file)
    assert not any("429" in result.reason for result in run.list_results(Outcome.ERROR))


def test_a_known_failure_that_fails_no_more_is_an_error(
    server: ServerProcess, tmp_path: Path
) -> None:
    file = tmp_path / "known.txt"
    file.write_text("event_store vector: PUT is not allowed\n")
    run = judged(server.url, file)
    assert [result.id for result in run.list_results(Outcome.ERROR)] == [
        "baseline known: event_store vector: PUT is not allowed"
    ]
    assert run.exit_code == 2


@pytest.mark.parametrize(
    "part", [{"suites": ("vector",)}, {"checks": ("* vector: PUT *",)}, {"safe": True}], ids=str
)
def test_a_part_of_a_run_leaves_other_known_failures_alone(
    part: dict[str, Any], server: ServerProcess, tmp_path: Path
) -> None:
    file = tmp_path / "known.txt"
    file.write_text("event_store bytes: GET: *\n")
    told = Configuration(server.url, ("event_store",), baseline=file, **part)
    run = runner.run_suites(told, suites=("vector",))
    assert "baseline" not in {result.api for result in run.results}


@pytest.mark.parametrize(
    ("line", "unused"),
    [
        ("charon vector: PUT *", False),
        ("event_store2 vector: PUT *", False),
        ("event_store vector: PUT *", True),
        ("event* vector: PUT *", True),
        ("* PUT *", True),
    ],
)
def test_a_pattern_is_judged_by_a_run_of_its_api(line: str, unused: bool, tmp_path: Path) -> None:
    file = tmp_path / "known.txt"
    file.write_text(f"{line}\n")
    results = [CheckResult("event_store", "vector", "GET is taken", Outcome.PASSED)]
    found = list(apply(read_baseline(file), results))
    assert [each.name for each in found[1:]] == ([line] if unused else [])


def test_patterns_of_an_api_that_could_not_be_judged_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "known.txt"
    file.write_text("event_store vector: PUT *\n")
    for outcome in (Outcome.SKIPPED, Outcome.ERROR):
        results = [CheckResult("event_store", "run", "get a credential", outcome)]
        assert list(apply(read_baseline(file), results)) == results


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * (MAX_BYTES + 1)], ids=["bytes", "large"])
def test_a_file_that_can_t_be_read_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "known.txt"
    file.write_bytes(content)
    with pytest.raises(BadConfiguration, match=r"known\.txt: "):
        read_baseline(file)


def test_a_file_that_is_not_there_is_told_before_any_call(stub: Stub, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        judged(stub.url, tmp_path / "gone.txt")
    assert stub.asked == []
