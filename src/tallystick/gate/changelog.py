"""Writes a comparison as a changelog in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.gate.change import Level
from tallystick.gate.outcome import CheckResult, Outcome, VerifyRun

_TITLES = (
    (
        "Breaking",
        lambda result: result.outcome is Outcome.FAILED or result.reason == Level.BREAKING,
    ),
    ("Breaking, and known", lambda result: result.outcome is Outcome.DISABLED),
    ("To be looked at", lambda result: result.reason == Level.WARNING),
    ("Added", lambda result: result.reason == Level.ADDITION),
    ("Changed without harm", lambda result: result.reason == Level.NOTE),
    ("Could not be compared", lambda result: result.outcome is Outcome.ERROR),
)


def markdown(run: VerifyRun, _: str = "") -> str:
    """Return the run as Markdown."""
    return "\n".join([f"# {run.url}", "", *_sections(run)])


def _sections(run: VerifyRun) -> Iterator[str]:
    empty = True
    for title, is_its in _TITLES:
        results = [result for result in run.results if is_its(result)]
        if results:
            empty = False
            yield from (f"## {title}", "", *map(_line, results), "")
    if empty:
        yield "Nothing has changed.\n"


def _line(result: CheckResult) -> str:
    # A reason of one word is a level, which the heading says.
    why = f" ({result.reason})" if " " in result.reason else ""
    places = ", ".join(f"`{place}`" for place in result.places)
    return f"- **{result.api}** {result.name}{why}" + (f" — {places}" if places else "")
