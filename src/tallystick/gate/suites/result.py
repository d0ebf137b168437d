"""Results shared by the suites."""

from __future__ import annotations

from dataclasses import replace

from tallystick.contract_tests.wire import WireReply
from tallystick.gate.baseline import matches_pattern
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.target_server import PATIENCE_S

SHOWN = 2_000
"""Bytes of an answer shown in a report."""
NO_ANSWER = "no answer"
NOT_PROVOKED = "you can't provoke such a failure from outside"
SAFE = "--safe makes reading calls only"
ONLY_PAGE = "a ruling of ours: --only page judges by the vendor's page alone"


def is_chosen(configuration: Configuration, check_id: str) -> bool:
    """Return whether you chose a check, by one of your patterns or by giving none."""
    patterns = configuration.checks
    return not patterns or any(matches_pattern(check_id, pattern) for pattern in patterns)


def failed(
    result: CheckResult, objections: list[str], sent: str, reply: WireReply | None
) -> CheckResult:
    """Return the result as a failure, with the request as a command and the reply as text."""
    return replace(
        result,
        outcome=Outcome.FAILED,
        objections=tuple(objections),
        sent=sent,
        came=_came(reply),
    )


def _came(reply: WireReply | None) -> str:
    if reply is None:
        return f"{NO_ANSWER}: the connection was closed, or silent for {PATIENCE_S:.0f} s"
    lines = [str(reply.status), *(f"{name}: {value}" for name, value in reply.headers), ""]
    return "\n".join([*lines, reply.body[:SHOWN].decode("utf-8", "backslashreplace")]).rstrip()
