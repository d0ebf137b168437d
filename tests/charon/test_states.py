"""The state of a cron follows from its terms, its executions and the time alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tallystick.apis.charon.schedule import Interval, Schedule
from tallystick.apis.charon.states import (
    PUNCTUAL_MS,
    CronConfig,
    CronState,
    ExecutionHistory,
    due_ms,
    may_start,
    next_change_ms,
    next_due_ms,
    state_at,
)

MINUTE = 60_000
HOUR = 60 * MINUTE
NOON = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp() * 1000)
HOURLY = CronConfig(
    active=True,
    schedule=Schedule("0 * * * *", "UTC"),
    early_ms=None,
    grace_ms=10 * MINUTE,
    overlap=True,
    since_ms=NOON,
)
LIMIT = 30 * MINUTE
"""The limit of an execution, unless a test says another."""

DUE = NOON + HOUR


def ran(start: int, end: int, success: bool | None = True) -> ExecutionHistory:
    verdict = None if success is None else end
    return ExecutionHistory(start, end, verdict, success is False)


def runs(start: int, limit: int = LIMIT) -> ExecutionHistory:
    return ExecutionHistory(start, open_limits_ms=(start + limit,))


def test_a_new_cron_is_on_time_until_it_is_due() -> None:
    assert state_at(HOURLY, ExecutionHistory(), DUE + PUNCTUAL_MS - 1) == CronState.ON_TIME


def test_a_cron_that_does_not_start_is_late_then_missed() -> None:
    assert state_at(HOURLY, ExecutionHistory(), DUE + PUNCTUAL_MS) == CronState.LATE
    assert state_at(HOURLY, ExecutionHistory(), DUE + 10 * MINUTE - 1) == CronState.LATE
    assert state_at(HOURLY, ExecutionHistory(), DUE + 10 * MINUTE) == CronState.MISSED
    assert state_at(HOURLY, ExecutionHistory(), DUE + 100 * HOUR) == CronState.MISSED


def test_with_no_grace_it_is_missed_at_once_but_for_five_seconds() -> None:
    config = HOURLY._replace(grace_ms=0)
    assert state_at(config, ExecutionHistory(), DUE + PUNCTUAL_MS - 1) == CronState.ON_TIME
    assert state_at(config, ExecutionHistory(), DUE + PUNCTUAL_MS) == CronState.MISSED


def test_an_open_execution_is_no_health_until_it_overruns() -> None:
    assert state_at(HOURLY, runs(DUE), DUE + LIMIT - 1) == CronState.ON_TIME
    assert state_at(HOURLY, runs(DUE), DUE + LIMIT) == CronState.OVERRUN


def test_an_open_execution_hides_no_failure() -> None:
    failed = ran(DUE, DUE + MINUTE, False)._replace(open_limits_ms=(DUE + LIMIT,))
    assert state_at(HOURLY, failed, DUE + 2 * MINUTE) == CronState.FAILED


def test_an_abandoned_execution_is_no_health() -> None:
    assert state_at(HOURLY, ran(DUE, DUE + MINUTE, None), DUE + 2 * MINUTE) == CronState.ON_TIME


def test_an_execution_ends_well_or_not() -> None:
    assert state_at(HOURLY, ran(DUE, DUE + MINUTE), DUE + 2 * MINUTE) == CronState.ON_TIME
    assert state_at(HOURLY, ran(DUE, DUE + MINUTE, False), DUE + 2 * MINUTE) == CronState.FAILED


def test_a_start_a_moment_early_counts() -> None:
    assert state_at(HOURLY, ran(DUE - 6 * MINUTE, DUE), DUE + LIMIT) == CronState.ON_TIME
    assert state_at(HOURLY, ran(DUE - 7 * MINUTE, DUE), DUE + LIMIT) == CronState.MISSED


def test_how_early_a_start_may_be_is_a_setting() -> None:
    strict = HOURLY._replace(early_ms=0)
    assert state_at(strict, ran(DUE, DUE), DUE + LIMIT) == CronState.ON_TIME
    assert state_at(strict, ran(DUE - 1, DUE), DUE + LIMIT) == CronState.MISSED
    lenient = HOURLY._replace(early_ms=30 * MINUTE)
    assert state_at(lenient, ran(DUE - 30 * MINUTE, DUE), DUE + LIMIT) == CronState.ON_TIME


def test_an_interval_is_due_after_the_last_start() -> None:
    config = HOURLY._replace(schedule=Interval(15 * MINUTE))
    assert due_ms(config, ExecutionHistory(), NOON) == NOON + 15 * MINUTE
    assert due_ms(config, ran(DUE, DUE), DUE + MINUTE) == DUE + 15 * MINUTE
    assert state_at(config, ran(DUE, DUE), DUE + 16 * MINUTE) == CronState.LATE
    assert next_due_ms(config, DUE, DUE + 16 * MINUTE) == DUE + 30 * MINUTE
    assert next_due_ms(config, DUE + HOUR, DUE) == DUE + HOUR


def test_the_next_start_is_asked_for_even_after_a_failure() -> None:
    failed = ran(DUE, DUE + MINUTE, False)
    assert state_at(HOURLY, failed, DUE + HOUR + MINUTE) == CronState.LATE
    assert state_at(HOURLY, failed, DUE + HOUR + 10 * MINUTE) == CronState.MISSED


def test_one_that_runs_does_not_stand_for_the_next_where_they_may_overlap() -> None:
    assert state_at(HOURLY, runs(DUE, 9 * HOUR), DUE + HOUR + MINUTE) == CronState.LATE


def test_one_that_runs_stands_for_the_next_where_they_may_not_overlap() -> None:
    config = HOURLY._replace(overlap=False)
    assert state_at(config, runs(DUE, 9 * HOUR), DUE + 3 * HOUR + LIMIT) == CronState.ON_TIME
    ended = ran(DUE, DUE + 3 * HOUR + MINUTE)
    assert state_at(config, ended, DUE + 3 * HOUR + 59 * MINUTE) == CronState.ON_TIME
    assert state_at(config, ended, DUE + 4 * HOUR + MINUTE) == CronState.LATE


def test_an_overrun_is_the_health_until_a_later_one_ends() -> None:
    overran = ExecutionHistory(DUE + HOUR, newest_overrun_ms=DUE + LIMIT)
    assert state_at(HOURLY, overran, DUE + HOUR + MINUTE) == CronState.OVERRUN
    ended = overran._replace(newest_verdict_ms=DUE + HOUR + MINUTE)
    assert state_at(HOURLY, ended, DUE + HOUR + MINUTE) == CronState.ON_TIME
    failed = ended._replace(is_failing=True)
    assert state_at(HOURLY, failed, DUE + HOUR + MINUTE) == CronState.FAILED


def test_one_that_overran_keeps_nobody_from_starting_and_does_not_excuse() -> None:
    config = HOURLY._replace(overlap=False)
    assert not may_start(config, runs(DUE), DUE + LIMIT - 1)
    assert may_start(config, runs(DUE), DUE + LIMIT)
    assert state_at(config, runs(DUE), DUE + HOUR + MINUTE) == CronState.OVERRUN
    assert state_at(config, runs(DUE), DUE + HOUR + 10 * MINUTE) == CronState.MISSED


def test_what_overlaps_may_always_start() -> None:
    assert may_start(HOURLY, runs(DUE), DUE)


def test_a_paused_cron_is_paused_whatever_it_did() -> None:
    config = HOURLY._replace(active=False)
    assert state_at(config, runs(DUE), DUE + 9 * HOUR) == CronState.PAUSED
    assert next_change_ms(config, runs(DUE), DUE) is None
    assert due_ms(config, runs(DUE), DUE) is None


def test_what_was_due_before_the_terms_is_forgiven() -> None:
    config = HOURLY._replace(since_ms=DUE + 30 * MINUTE)
    assert state_at(config, ExecutionHistory(), DUE + 59 * MINUTE) == CronState.ON_TIME


def test_a_cron_without_a_schedule_is_never_due() -> None:
    config = HOURLY._replace(schedule=None)
    assert state_at(config, ExecutionHistory(), DUE + 1000 * HOUR) == CronState.ON_TIME
    assert due_ms(config, ExecutionHistory(), DUE) is None


def test_due_is_the_missing_start_or_the_next() -> None:
    assert due_ms(HOURLY, ExecutionHistory(), DUE + 5 * HOUR) == DUE
    assert due_ms(HOURLY, ran(DUE, DUE + 1), DUE + MINUTE) == DUE + HOUR
    alone = HOURLY._replace(overlap=False)
    assert due_ms(alone, runs(DUE), DUE + MINUTE) == DUE + HOUR


TIMES = st.integers(NOON - 2 * HOUR, NOON + 6 * HOUR)
SPANS = st.integers(1, 3 * HOUR)


@st.composite
def terms_of_any_kind(draw: st.DrawFn) -> CronConfig:
    expressions = st.sampled_from(["0 * * * *", "*/5 * * * *", "30 13 * * *", "* * * * *"])
    return CronConfig(
        active=draw(st.sampled_from([True, True, True, False])),
        schedule=draw(st.none() | st.builds(Schedule, expressions, st.just("UTC"))),
        early_ms=draw(st.none() | st.integers(0, 2 * MINUTE)),
        grace_ms=draw(st.integers(0, HOUR)),
        overlap=draw(st.booleans()),
        since_ms=draw(TIMES),
    )


class Run(NamedTuple):
    start: int
    takes: int | None
    limit: int
    success: bool | None

    def ended_by(self, now: int) -> int | None:
        end = None if self.takes is None else self.start + self.takes
        return end if end is not None and end <= now else None


RUNS = st.lists(
    st.builds(Run, TIMES, st.none() | SPANS, SPANS, st.sampled_from([True, False, None])),
    max_size=4,
)


def history_at(executions: list[Run], now: int) -> ExecutionHistory:
    """What is known at a time of executions that start, take so long, and succeed or do not."""
    begun = [run for run in executions if run.start <= now]
    ended = [(end, run.success) for run in begun if (end := run.ended_by(now)) is not None]
    limits = [run.start + run.limit for run in begun if run.ended_by(now) is None]
    verdict, success = max(((e, s) for e, s in ended if s is not None), default=(None, None))
    return ExecutionHistory(
        newest_start_ms=max((run.start for run in begun), default=None),
        newest_end_ms=max((end for end, _ in ended), default=None),
        newest_verdict_ms=verdict,
        is_failing=success is False,
        newest_overrun_ms=max((limit for limit in limits if limit <= now), default=None),
        open_limits_ms=tuple(limit for limit in limits if limit > now),
    )


def naive_state(config: CronConfig, executions: list[Run], now: int) -> CronState:
    """The same by simple words: every due time is looked at, and every execution."""
    if not config.active:
        return CronState.PAUSED
    begun = [run for run in executions if run.start <= now]
    missing = _missing(config, begun, now)
    if any(now >= due + max(config.grace_ms, PUNCTUAL_MS) for due in missing):
        return CronState.MISSED
    verdicts = [verdict for run in begun if (verdict := _verdict(run, now))]
    health = max(verdicts, default=(0, CronState.ON_TIME))[1]
    is_late = any(now >= due + PUNCTUAL_MS for due in missing)
    return CronState.LATE if is_late and health is not CronState.OVERRUN else health


def _verdict(run: Run, now: int) -> tuple[int, CronState] | None:
    end = run.ended_by(now)
    if end is None:
        limit = run.start + run.limit
        return (limit, CronState.OVERRUN) if limit <= now else None
    if run.success is None:
        return None
    return end, CronState.ON_TIME if run.success else CronState.FAILED


def _missing(config: CronConfig, begun: list[Run], now: int) -> list[int]:
    schedule = config.schedule
    if schedule is None:
        return []
    assert isinstance(schedule, Schedule)
    newest = max((run.start for run in begun), default=0)
    covered = max([config.since_ms, newest, _early(config, newest)])
    if not config.overlap:
        for run in begun:
            end = run.ended_by(now)
            until = run.start + run.limit if end is None else end
            if end is None and until > now:
                return []
            covered = max(covered, until)
    minutes = range(-(-(NOON - 2 * HOUR) // MINUTE), now // MINUTE + 1)
    times = (minute * MINUTE for minute in minutes)
    return [t for t in times if t > covered and _is_due(schedule, t)]


def _early(config: CronConfig, start: int) -> int:
    """The next due time if the start counts for it, else the start."""
    assert isinstance(config.schedule, Schedule)
    dues = [m * MINUTE for m in range(start // MINUTE - 1_500, start // MINUTE + 12)]
    dues = [time for time in dues if _is_due(config.schedule, time)]
    due = next((time for time in dues if time > start), start + 9 * HOUR)
    before = max((time for time in dues if time <= start), default=start - 9 * HOUR)
    tolerance = min(max((due - before) // 10, 10_000), 10 * MINUTE)
    early = tolerance if config.early_ms is None else config.early_ms
    return due if due - start <= early else start


def _is_due(schedule: Schedule, time: int) -> bool:
    minute = time // MINUTE % 60
    match schedule.expression:
        case "0 * * * *":
            return minute == 0
        case "*/5 * * * *":
            return minute % 5 == 0
        case "30 13 * * *":
            return minute == 30 and time // HOUR % 24 == 13
    return True


@settings(max_examples=300)
@given(terms_of_any_kind(), RUNS, TIMES)
def test_the_state_is_what_the_naive_reading_says(
    config: CronConfig, executions: list[Run], now: int
) -> None:
    verdicts = [verdict for run in executions if (verdict := _verdict(run, now))]
    assume(len({at for at, _ in verdicts}) == len(verdicts))
    assert state_at(config, history_at(executions, now), now) == naive_state(
        config, executions, now
    )


@settings(max_examples=200)
@given(terms_of_any_kind(), RUNS, TIMES, st.floats(0, 1))
def test_while_nothing_happens_the_state_changes_only_when_it_was_said(
    config: CronConfig, executions: list[Run], now: int, part: float
) -> None:
    history = history_at(executions, now)
    change = next_change_ms(config, history, now)
    until = now + 10 * HOUR if change is None else change - 1
    between = now + int((until - now) * part)

    assert state_at(config, history, between) == state_at(config, history, now)
    assert change is None or change > now
