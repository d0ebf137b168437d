"""Two documents, or two folders of them, compared."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tallystick.gate import baseline, codes, doors, examples, redocly
from tallystick.gate.change import Change, Level
from tallystick.gate.outcome import Outcome, Result, Run
from tallystick.gate.paper import read

_SUFFIXES = (".yaml", ".yml", ".json")


def compare(old: Path, new: Path, known: Path | None = None) -> Run:
    """All changes as results: a breaking one has failed; `NotADocument` where there is none."""
    started, clock = datetime.now(UTC), time.monotonic()
    results: list[Result] = []
    for before, after in _pairs(old, new):
        results += _results(before, after)
    patterns = baseline.read(known) if known else []
    return Run(
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


def _results(old: Path, new: Path) -> Iterator[Result]:
    api = old.stem
    if not new.exists() and new.parent.is_dir() and old.parent != new.parent:
        gone = Change(Level.BREAKING, "document-removed", api, f"{new} is no longer there")
        yield _result(api, gone)
        return
    before, after = read(old), read(new)
    yield Result(api, "diff", "both documents were read", Outcome.PASSED)
    found = [*codes.changes(before, after), *doors.changes(before, after)]
    found += examples.changes(before, after)
    yield from (_result(api, change) for change in found)
    try:
        general = list(redocly.changes(old, new))
    except redocly.NoRedocly as error:
        yield Result(api, "diff", "general rules", Outcome.ERROR, reason=str(error))
        return
    yield from (_result(api, change) for change in general)


def _result(api: str, change: Change) -> Result:
    breaking = change.level is Level.BREAKING
    return Result(
        api,
        "diff",
        f"{change.rule} {change.where}: {change.says}",
        Outcome.FAILED if breaking else Outcome.PASSED,
        reason="" if breaking else change.level,
        objections=(change.says,) if breaking else (),
        places=change.places,
    )
