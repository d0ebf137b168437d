"""The reliability table: faults of the service, the promises that hold, and the last figures.

A test belongs to the table by its mark: ``@pytest.mark.reliability("SIGKILL of the server")``. Its
name is the promise, and ``figures`` takes its measurements. ``make reliability`` runs these tests
at their full length, and then this file as a program, which writes `docs/reliability.md`.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any, TypeVar

import pytest

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "reliability.json"
PAGE = ROOT / "docs" / "reliability.md"
IS_FULL = os.environ.get("RELIABILITY") == "full"
"""True at full length, for the page; the short form is for every change."""

CASES = (
    "SIGKILL of the server",
    "SIGKILL of one of three workers",
    "SIGSTOP past a lease",
    "PostgreSQL killed, restarted, away under load",
    "Power loss",
    "Full disk, I/O errors",
    "A second process, a locked file",
    "A slow endpoint among many",
    "A dead endpoint with a backlog",
    "Targets that misbehave",
    "The same event at once",
    "Clock steps and summer time",
    "A delivery that kills its worker",
    "Huge inputs",
    "Slow and silent clients",
    "Ordered contracts under random failures",
    "Addresses that deliveries may not reach",
    "Upgrade from earlier schemas under load",
    "Steady load at 70 % of the peak",
    "SIGTERM under load",
    "RabbitMQ and the server killed in turn",
    "A broker and its reader killed in turn",
    "A right server on Spring Boot",
)
"""The rows, in their order."""

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "tls": "TLS", "api": "API"}
_T = TypeVar("_T")
_HEAD = """# Reliability

We kill, starve and flood the service; here you read the promises it kept. `make reliability` runs
each of these tests at its full length and writes this page, and `make test` runs a short form of
each but the one on Spring Boot, which needs a JDK and Maven. You see the times and rates of the
machine that wrote the page; a test asserts the promise, not the time.

| We do | It holds | Measured |
|---|---|---|
"""


def scaled(short: _T, full: _T) -> _T:
    """Return the amount of work of a test: the first in the short form, the second for the page."""
    return full if IS_FULL else short


class Figures:
    """The figures of one test."""

    def __init__(self) -> None:
        self.noted: dict[str, str] = {}

    def note(self, **figures: object) -> None:
        """Keep figures by name: ``note(kills=50, ready="0.7 to 0.9 s")``."""
        for name, value in figures.items():
            text = f"{value:,}" if isinstance(value, int) else str(value)
            self.noted[name.replace("_", " ")] = text


def case_of(item: pytest.Item) -> str | None:
    """Return the row of a test, if it has one; raise `LookupError` for an unknown row."""
    mark = item.get_closest_marker("reliability")
    if mark is None:
        return None
    [case] = mark.args
    if case not in CASES:
        raise LookupError(f"{item.nodeid}: the table has no row {case!r}")
    return str(case)


def keep(item: pytest.Item, figures: Figures) -> None:
    """Store the figures of a test at full length."""
    case = case_of(item)
    if case is None or not IS_FULL:
        return
    results = read_results()
    name, _, variant = item.name.partition("[")
    sentence = name.removeprefix("test_").replace("_", " ")
    results.setdefault(case, {}).setdefault(sentence, {})[variant.rstrip("]")] = figures.noted
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def read_results() -> dict[str, dict[str, Any]]:
    """Return the results of the last full run: case → promise → variant → figures."""
    if not RESULTS.exists():
        return {}
    found: dict[str, dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def page(results: dict[str, dict[str, Any]]) -> str:
    """Return the page with these results."""
    rows = [
        f"| {case if position == 0 else ''} | {_capital(sentence)} | {_measured(variants)} |\n"
        for case in CASES
        for position, (sentence, variants) in enumerate(sorted(results.get(case, {}).items()))
    ]
    return _HEAD + "".join(rows)


def _measured(variants: dict[str, dict[str, str]]) -> str:
    if not any(variants.values()):
        return f"{len(variants)} cases" if len(variants) > 1 else "holds"
    return "; ".join(filter(None, (_of_variant(*each) for each in sorted(variants.items()))))


def _of_variant(variant: str, figures: dict[str, str]) -> str:
    said = ", ".join(f"{name} {value}" for name, value in figures.items())
    label = _NAMES.get(variant, variant)
    return f"{label}: {said}" if label and said else said


def _capital(sentence: str) -> str:
    text = re.sub(r"\b[a-z]+\b", lambda word: _NAMES.get(word[0], word[0]), sentence)
    text = re.sub(r"\b(can|don) t\b", r"\1't", text)
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    missing = [case for case in CASES if case not in read_results()]
    PAGE.write_text(page(read_results()), encoding="utf-8")
    sys.exit(f"no figures yet of: {', '.join(missing)}" if missing else 0)
