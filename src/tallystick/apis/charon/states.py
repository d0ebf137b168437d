"""How a cron is doing: pure functions of its terms, its executions and the time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tallystick.apis.charon.schedule import Schedule

PUNCTUAL_MS = 5_000
"""A start so much before or after it was due is on time: clocks differ, and starting takes time."""


class State(StrEnum):
    """How a cron is doing."""

    ON_TIME = "on_time"
    """The last execution succeeded, or there was none, and no other is due."""
    RUNNING = "running"
    LATE = "late"
    """It is due and was not started, but there is still grace."""
    MISSED = "missed"
    """It was due, was not started, and its grace is over."""
    FAILED = "failed"
    """The last execution to end did not succeed, and no other is due."""
    OVERRUN = "overrun"
    """An execution takes longer than it may."""
    PAUSED = "paused"
    """It is not active."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a cron; times and spans are milliseconds."""

    active: bool
    schedule: Schedule | None
    grace_ms: int
    max_runtime_ms: int | None
    overlap: bool
    since_ms: int
    """Since when these are asked: what was due earlier is nobody's fault."""


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a cron's executions; times are milliseconds since the epoch."""

    newest_start_ms: int | None = None
    newest_end_ms: int | None = None
    newest_success: bool | None = None
    """Of the execution that ended last."""
    open_starts_ms: tuple[int, ...] = ()
    """Of every execution that has not ended."""


def state(terms: Terms, history: History, now_ms: int) -> State:
    """How the cron is doing at that time."""
    if not terms.active:
        return State.PAUSED
    running = unfinished(terms, history)
    due = _unmet(terms, history, now_ms)
    if due is not None and now_ms >= due + _grace(terms):
        return State.MISSED
    if any(_is_over(terms, start, now_ms) for start in running):
        return State.OVERRUN
    if due is not None and now_ms >= due + PUNCTUAL_MS:
        return State.LATE
    if running:
        return State.RUNNING
    return State.FAILED if history.newest_success is False else State.ON_TIME


def next_change_ms(terms: Terms, history: History, now_ms: int) -> int | None:
    """When the state may be another one though nothing happens; None if it stays for ever."""
    if not terms.active:
        return None
    times = []
    if terms.max_runtime_ms is not None:
        times += [start + terms.max_runtime_ms for start in unfinished(terms, history)]
    due = _unmet(terms, history, now_ms)
    if due is not None:
        times += [due + PUNCTUAL_MS, due + _grace(terms)]
    return min((time for time in times if time > now_ms), default=None)


def due_ms(terms: Terms, history: History, now_ms: int) -> int | None:
    """When the next start is due; in the past where that start is missing."""
    if terms.schedule is None or not terms.active:
        return None
    due = _unmet(terms, history, now_ms)
    return terms.schedule.next_after(now_ms) if due is None else due


def unfinished(terms: Terms, history: History) -> list[int]:
    """Starts of the executions that may still be running.

    One that took too long and was not the last to start is given up: whoever ran it is gone.
    """
    newest, limit = history.newest_start_ms, terms.max_runtime_ms
    if newest is None or limit is None:
        return list(history.open_starts_ms)
    return [start for start in history.open_starts_ms if start == newest or start + limit > newest]


def may_start(terms: Terms, history: History, now_ms: int) -> bool:
    """Whether one more execution may run beside those that do.

    One that takes longer than it may does not keep others from starting: it may be gone.
    """
    running = unfinished(terms, history)
    return terms.overlap or all(_is_over(terms, start, now_ms) for start in running)


def _is_over(terms: Terms, start_ms: int, now_ms: int) -> bool:
    return terms.max_runtime_ms is not None and now_ms >= start_ms + terms.max_runtime_ms


def _grace(terms: Terms) -> int:
    return max(terms.grace_ms, PUNCTUAL_MS)


def _unmet(terms: Terms, history: History, now_ms: int) -> int | None:
    """The first time after all that was started at which the cron is due."""
    if terms.schedule is None:
        return None
    met = [terms.since_ms]
    if history.newest_start_ms is not None:
        met.append(history.newest_start_ms + PUNCTUAL_MS)
    if not terms.overlap:
        # It can't start beside itself: what runs stands for what is due meanwhile.
        if not may_start(terms, history, now_ms):
            return None
        met += [start + (terms.max_runtime_ms or 0) for start in unfinished(terms, history)]
        met.append(history.newest_end_ms or 0)
    return terms.schedule.next_after(max(met))
