"""The sentence of an alarm: what happened to which cron, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_Alarm = Mapping[str, Any]
_MINUTE = len("2026-01-01T13:00")


def write_message(kind: str, alarm: _Alarm) -> str:
    """Return what a kind of event says of an alarm, in one sentence or two."""
    return _SENTENCES[kind](alarm)


def _name(alarm: _Alarm) -> str:
    return str(alarm["name"] or alarm["slug"])


def _at(time: str, alarm: _Alarm) -> str:
    day, clock = time[:_MINUTE].split("T")
    return f"at {clock} on {day} ({alarm['timezone']})"


def _late(alarm: _Alarm) -> str:
    return f"{_name(alarm)} was due {_at(alarm['since'], alarm)} and has not started yet."


def _missed(alarm: _Alarm) -> str:
    said = f"{_name(alarm)} did not start {_at(alarm['since'], alarm)}."
    count = alarm["missedRuns"]
    return f"{said} {count} runs are missing." if count > 1 else said


def _failed(alarm: _Alarm) -> str:
    run = alarm["execution"] or {}
    if run.get("lost"):
        return f"A run of {_name(alarm)} was lost: its program is gone."
    code = run.get("exitCode")
    why = "" if code is None else f" with the exit code {code}"
    when = f" {_at(run['ended'], alarm)}" if run.get("ended") else ""
    return f"{_name(alarm)} failed{why}{when}."


def _overrun(alarm: _Alarm) -> str:
    run = alarm["execution"] or {}
    began = f": it began {_at(run['started'], alarm)}" if run else ""
    return f"A run of {_name(alarm)} takes longer than it may{began}."


def _reminder(alarm: _Alarm) -> str:
    return f"Still so: {_SENTENCES[alarm['state']](alarm)}"


def _too_short(alarm: _Alarm) -> str:
    seconds = alarm["execution"]["durationMs"] / 1_000
    return f"A run of {_name(alarm)} ended sooner than it may: after {seconds:g} s."


_SENTENCES: Mapping[str, Callable[[_Alarm], str]] = {
    "late": _late,
    "missed": _missed,
    "failed": _failed,
    "overrun": _overrun,
    "on_time": lambda alarm: f"{_name(alarm)} is on time.",
    "paused": lambda alarm: f"{_name(alarm)} is paused.",
    "recovered": lambda alarm: f"{_name(alarm)} is well again.",
    "reminder": _reminder,
    "too_often": lambda alarm: f"{_name(alarm)} started too soon after the run before.",
    "too_short": _too_short,
}
