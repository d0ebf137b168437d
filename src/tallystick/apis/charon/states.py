"""States of crons, as pure functions of a cron's terms, its executions and the time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tallystick.apis.charon.schedule import Schedule

PUNCTUAL_MS = 5_000
"""The tolerance in ms of a punctual start, as clocks differ and a start takes time."""


class CronState(StrEnum):
    """The state of a cron."""

    ON_TIME = "on_time"
    """The last execution succeeded, or there was none, and none is due."""
    RUNNING = "running"
    LATE = "late"
    """A run is due and was not started, within its grace time."""
    MISSED = "missed"
    """A run was due and was not started within its grace time."""
    FAILED = "failed"
    """The execution that ended last failed, and none is due."""
    OVERRUN = "overrun"
    """An execution takes longer than `max_runtime_ms`."""
    PAUSED = "paused"
    """The cron is inactive."""


@dataclass(frozen=True, slots=True)
class CronConfig:
    """The terms of a cron; times and durations are in milliseconds."""

    active: bool
    schedule: Schedule | None
    grace_ms: int
    max_runtime_ms: int | None
    overlap: bool
    since_ms: int
    """The time from which these terms apply; earlier runs are ignored."""


@dataclass(frozen=True, slots=True)
class ExecutionHistory:
    """A cron's executions, as far as its state depends on them; in ms since the epoch."""

    newest_start_ms: int | None = None
    newest_end_ms: int | None = None
    newest_success: bool | None = None
    """The success of the execution that ended last."""
    open_starts_ms: tuple[int, ...] = ()
    """The start of each unfinished execution."""


def state_at(config: CronConfig, history: ExecutionHistory, now_ms: int) -> CronState:
    """Return the cron's state at a time."""
    if not config.active:
        return CronState.PAUSED
    running = unfinished(config, history)
    due = _unmet(config, history, now_ms)
    if due is not None and now_ms >= due + _grace(config):
        return CronState.MISSED
    if any(_is_over(config, start, now_ms) for start in running):
        return CronState.OVERRUN
    if due is not None and now_ms >= due + PUNCTUAL_MS:
        return CronState.LATE
    if running:
        return CronState.RUNNING
    return CronState.FAILED if history.newest_success is False else CronState.ON_TIME


def next_change_ms(config: CronConfig, history: ExecutionHistory, now_ms: int) -> int | None:
    """Return the next time at which the state may change by itself; None if it stays."""
    if not config.active:
        return None
    times = []
    if config.max_runtime_ms is not None:
        times += [start + config.max_runtime_ms for start in unfinished(config, history)]
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


def unfinished(config: CronConfig, history: ExecutionHistory) -> list[int]:
    """Return the starts of executions that may still be running.

    An older one that exceeds the longest runtime is given up, as its process may be gone.
    """
    newest, limit = history.newest_start_ms, config.max_runtime_ms
    if newest is None or limit is None:
        return list(history.open_starts_ms)
    return [start for start in history.open_starts_ms if start == newest or start + limit > newest]


def may_start(config: CronConfig, history: ExecutionHistory, now_ms: int) -> bool:
    """Return whether another execution may start beside the running ones.

    One that exceeds the longest runtime is ignored, as its process may be gone.
    """
    running = unfinished(config, history)
    return config.overlap or all(_is_over(config, start, now_ms) for start in running)


def _is_over(config: CronConfig, start_ms: int, now_ms: int) -> bool:
    return config.max_runtime_ms is not None and now_ms >= start_ms + config.max_runtime_ms


def _grace(config: CronConfig) -> int:
    return max(config.grace_ms, PUNCTUAL_MS)


def _unmet(config: CronConfig, history: ExecutionHistory, now_ms: int) -> int | None:
    """Return the first due time after all executions started, or None."""
    if config.schedule is None:
        return None
    met = [config.since_ms]
    if history.newest_start_ms is not None:
        met.append(history.newest_start_ms + PUNCTUAL_MS)
    if not config.overlap:
        # Without overlap, a running execution counts for all runs that become due meanwhile.
        if not may_start(config, history, now_ms):
            return None
        met += [start + (config.max_runtime_ms or 0) for start in unfinished(config, history)]
        met.append(history.newest_end_ms or 0)
    return config.schedule.next_after(max(met))
