"""Writes changes as GitHub's workflow commands, which show them at their lines."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.gate.change import Level
from tallystick.gate.outcome import CheckResult, Outcome, VerifyRun, details

_ESCAPED = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_ESCAPED_IN_PROPERTIES = (*_ESCAPED, (":", "%3A"), (",", "%2C"))


def github_commands(run: VerifyRun, _: str = "") -> str:
    """Return a command for each break, warning and error, in lines."""
    return "".join(f"{line}\n" for line in _list_commands(run))


def _list_commands(run: VerifyRun) -> Iterator[str]:
    for result in run.results:
        if result.outcome in {Outcome.FAILED, Outcome.ERROR}:
            yield _command("error", result)
        elif result.outcome is Outcome.PASSED and result.reason in {Level.BREAKING, Level.WARNING}:
            yield _command("warning", result)


def _command(kind: str, result: CheckResult) -> str:
    title = _escape(result.rule or "not compared", _ESCAPED_IN_PROPERTIES)
    text = _escape(f"{result.name}\n{details(result)}", _ESCAPED)
    # The new document is the one that a reviewer has before them.
    place = (
        f"file={_escape(result.places[-1].file, _ESCAPED_IN_PROPERTIES)}," if result.places else ""
    )
    line = f"line={result.places[-1].line}," if result.places else ""
    return f"::{kind} {place}{line}title={title}::{text}"


def _escape(text: str, replaced: tuple[tuple[str, str], ...]) -> str:
    for letter, escape in replaced:
        text = text.replace(letter, escape)
    return text
