"""Compares two OpenAPI documents, or two folders of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tallystick.gate import baseline, error_code_changes, example_changes, redocly, security_changes
from tallystick.gate.change import Change, Level
from tallystick.gate.openapi_document import read_document
from tallystick.gate.outcome import CheckResult, Outcome, VerifyRun

_SUFFIXES = (".yaml", ".yml", ".json")


def compare(old: Path, new: Path, known: Path | None = None) -> VerifyRun:
    """Return all changes as results, a breaking change as a failure.

    `known` is a baseline's file. Raises `NotADocument` for a file without a document.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    results: list[CheckResult] = []
    for before, after in _pairs(old, new):
        results += _results(before, after)
    patterns = baseline.read_baseline(known) if known else []
    return VerifyRun(
        url=f"{old} → {new}",
        apis=tuple(dict.fromkeys(result.api for result in results)),
        budget="",
        seed=0,
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - clock,
        answers=0,
        results=list(baseline.apply(patterns, results)),
    )


def _pairs(old: Path, new: Path) -> Iterator[tuple[Path, Path]]:
    if not old.is_dir():
        yield old, new
        return
    for before in sorted(file for file in old.iterdir() if file.suffix in _SUFFIXES):
        yield before, new / before.name


def _results(old: Path, new: Path) -> Iterator[CheckResult]:
    api = old.stem
    if not new.exists() and new.parent.is_dir() and old.parent != new.parent:
        gone = Change(Level.BREAKING, "document-removed", api, f"{new} is no longer there")
        yield _result(api, gone)
        return
    before, after = read_document(old), read_document(new)
    yield CheckResult(api, "diff", "both documents were read", Outcome.PASSED)
    found = [
        *error_code_changes.find_code_changes(before, after),
        *security_changes.find_security_changes(before, after),
    ]
    found += example_changes.find_example_changes(before, after)
    yield from (_result(api, change) for change in found)
    try:
        general = list(redocly.find_redocly_changes(old, new))
    except redocly.NoRedocly as error:
        yield CheckResult(api, "diff", "general rules", Outcome.ERROR, reason=str(error))
        return
    yield from (_result(api, change) for change in general)


def _result(api: str, change: Change) -> CheckResult:
    breaking = change.level is Level.BREAKING
    return CheckResult(
        api,
        "diff",
        f"{change.rule} {change.where}: {change.says}",
        Outcome.FAILED if breaking else Outcome.PASSED,
        reason="" if breaking else change.level,
        objections=(change.says,) if breaking else (),
        places=change.places,
    )
