"""How a cron is doing: pure functions of its terms, its executions and the time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tallystick.apis.charon.schedule import Schedule

PUNCTUAL_MS = 5_000
"""A start so much before or after it was due is on time: clocks differ, and starting takes time."""


class CronState(StrEnum):
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
class CronConfig:
    """What is asked of a cron; times and spans are milliseconds."""

    active: bool
    schedule: Schedule | None
    grace_ms: int
    max_runtime_ms: int | None
    overlap: bool
    since_ms: int
    """Since when these are asked: what was due earlier is nobody's fault."""


@dataclass(frozen=True, slots=True)
class ExecutionHistory:
    """What is known of a cron's executions; times are milliseconds since the epoch."""

    newest_start_ms: int | None = None
    newest_end_ms: int | None = None
    newest_success: bool | None = None
    """Of the execution that ended last."""
    open_starts_ms: tuple[int, ...] = ()
    """Of every execution that has not ended."""


def state_at(config: CronConfig, history: ExecutionHistory, now_ms: int) -> CronState:
    """How the cron is doing at that time."""
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
    """When the state may be another one though nothing happens; None if it stays for ever."""
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
    """When the next start is due; in the past where that start is missing."""
    if config.schedule is None or not config.active:
        return None
    due = _unmet(config, history, now_ms)
    return config.schedule.next_after(now_ms) if due is None else due


def unfinished(config: CronConfig, history: ExecutionHistory) -> list[int]:
    """Starts of the executions that may still be running.

    One that took too long and was not the last to start is given up: its process is gone.
    """
    newest, limit = history.newest_start_ms, config.max_runtime_ms
    if newest is None or limit is None:
        return list(history.open_starts_ms)
    return [start for start in history.open_starts_ms if start == newest or start + limit > newest]


def may_start(config: CronConfig, history: ExecutionHistory, now_ms: int) -> bool:
    """Whether one more execution may run beside those that do.

    One that takes longer than it may does not keep others from starting: it may be gone.
    """
    running = unfinished(config, history)
    return config.overlap or all(_is_over(config, start, now_ms) for start in running)


def _is_over(config: CronConfig, start_ms: int, now_ms: int) -> bool:
    return config.max_runtime_ms is not None and now_ms >= start_ms + config.max_runtime_ms


def _grace(config: CronConfig) -> int:
    return max(config.grace_ms, PUNCTUAL_MS)


def _unmet(config: CronConfig, history: ExecutionHistory, now_ms: int) -> int | None:
    """The first time after all that was started at which the cron is due."""
    if config.schedule is None:
        return None
    met = [config.since_ms]
    if history.newest_start_ms is not None:
        met.append(history.newest_start_ms + PUNCTUAL_MS)
    if not config.overlap:
        # It can't start beside itself: what runs stands for what is due meanwhile.
        if not may_start(config, history, now_ms):
            return None
        met += [start + (config.max_runtime_ms or 0) for start in unfinished(config, history)]
        met.append(history.newest_end_ms or 0)
    return config.schedule.next_after(max(met))
