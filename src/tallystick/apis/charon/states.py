"""States of crons, as pure functions of a cron's terms, its executions and the time."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from tallystick.apis.charon.schedule import AnySchedule

PUNCTUAL_MS = 5_000
"""A run is late from this time in ms after it was due, as a start takes time."""


class CronState(StrEnum):
    """The health of a cron, by its due and its finished runs; an open run is none."""

    ON_TIME = "on_time"
    """The last execution succeeded, or there was none, and none is due."""
    LATE = "late"
    """A run is due and was not started, within its grace time."""
    MISSED = "missed"
    """A run was due and was not started within its grace time."""
    FAILED = "failed"
    """The executions that ended last failed, as many as make an alarm, and none is due."""
    OVERRUN = "overrun"
    """An execution exceeded its limit, and none has ended since."""
    PAUSED = "paused"
    """The cron is inactive."""


class CronConfig(NamedTuple):
    """The terms of a cron; times and durations are in milliseconds."""

    active: bool
    schedule: AnySchedule | None
    early_ms: int | None
    """How long before the due time a start counts; None leaves it to the schedule."""
    grace_ms: int
    overlap: bool
    since_ms: int
    """The time from which these terms apply; earlier runs are ignored."""


class ExecutionHistory(NamedTuple):
    """A cron's executions, as far as its state depends on them; in ms since the epoch."""

    newest_start_ms: int | None = None
    newest_end_ms: int | None = None
    newest_verdict_ms: int | None = None
    """The end of the execution that succeeded or failed last; an abandoned one did neither."""
    is_failing: bool = False
    """True if so many of these in a row failed as make an alarm."""
    newest_overrun_ms: int | None = None
    """The time when an unfinished execution exceeded its limit last."""
    open_limits_ms: tuple[int, ...] = ()
    """The time when each of the other unfinished executions exceeds its limit."""


def state_at(config: CronConfig, history: ExecutionHistory, now_ms: int) -> CronState:
    """Return the cron's state at a time."""
    if not config.active:
        return CronState.PAUSED
    due = _unmet(config, history, now_ms)
    if due is not None and now_ms >= due + _grace(config):
        return CronState.MISSED
    health = _health(history, now_ms)
    is_late = due is not None and now_ms >= due + PUNCTUAL_MS
    return CronState.LATE if is_late and health is not CronState.OVERRUN else health


def next_change_ms(config: CronConfig, history: ExecutionHistory, now_ms: int) -> int | None:
    """Return the next time at which the state may change by itself; None if it stays."""
    if not config.active:
        return None
    times = list(history.open_limits_ms)
    due = _unmet(config, history, now_ms)
    if due is not None:
        times += [due + PUNCTUAL_MS, due + _grace(config)]
    return min((time for time in times if time > now_ms), default=None)


def due_ms(config: CronConfig, history: ExecutionHistory, now_ms: int) -> int | None:
    """Return the time of the next due start, which is in the past for a missing one."""
    if config.schedule is None or not config.active:
        return None
    due = _unmet(config, history, now_ms)
    return config.schedule.next_after(now_ms) if due is None else due


def next_due_ms(config: CronConfig, due_ms: int | None, now_ms: int) -> int | None:
    """Return the first due time from now on, if `due_ms` is one of the due times."""
    if config.schedule is None or due_ms is None:
        return None
    return config.schedule.next_from(due_ms, now_ms)


def may_start(config: CronConfig, history: ExecutionHistory, now_ms: int) -> bool:
    """Return whether another execution may start beside the unfinished ones.

    One that exceeds its limit is ignored, as its process may be gone.
    """
    return config.overlap or all(limit <= now_ms for limit in history.open_limits_ms)


def _health(history: ExecutionHistory, now_ms: int) -> CronState:
    """Return the last verdict on an execution: its success, its failure, or its overrun."""
    overrun = max(_overruns(history, now_ms), default=None)
    verdict = history.newest_verdict_ms
    if overrun is not None and (verdict is None or overrun > verdict):
        return CronState.OVERRUN
    return CronState.FAILED if history.is_failing else CronState.ON_TIME


def _overruns(history: ExecutionHistory, now_ms: int) -> Iterator[int]:
    """Yield the times when unfinished executions exceeded their limits."""
    if history.newest_overrun_ms is not None:
        yield history.newest_overrun_ms
    yield from (limit for limit in history.open_limits_ms if limit <= now_ms)


def _grace(config: CronConfig) -> int:
    return max(config.grace_ms, PUNCTUAL_MS)


def _unmet(config: CronConfig, history: ExecutionHistory, now_ms: int) -> int | None:
    """Return the first due time after all executions started, or None."""
    if config.schedule is None:
        return None
    met = [config.since_ms]
    if history.newest_start_ms is not None:
        met.append(_met_by_start(config.schedule, history.newest_start_ms, config.early_ms))
    if not config.overlap:
        # Without overlap, a running execution counts for all runs that become due meanwhile.
        if not may_start(config, history, now_ms):
            return None
        met += _overruns(history, now_ms)
        met.append(history.newest_end_ms or 0)
    return config.schedule.next_after(max(met))


def _met_by_start(schedule: AnySchedule, start_ms: int, early_ms: int | None) -> int:
    """Return the time up to which all due runs have started by a start."""
    due = schedule.next_after(start_ms)
    return due if due is not None and schedule.is_early(start_ms, due, early_ms) else start_ms
