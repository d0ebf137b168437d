"""Schedules of crons: cron expressions of five fields in a time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

_FIELDS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class BadSchedule(ValueError):
    """The text is not a schedule."""


class UnknownTimezone(ValueError):
    """The text is not the name of a time zone."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression in the local time of a zone, with the rules of Debian's cron.

    At a change of the clocks, a run at a fixed time is due once: a skipped one at the end of the
    gap, and a repeated one at the first time. If minute or hour begins with ``*``, a run is due at
    every matching local time.
    """

    expression: str
    timezone: str

    def next_after(self, ms: int) -> int | None:
        """Return the first due time after `ms`, in ms since the epoch; None if there is none."""
        after = (_EPOCH + ms * _MILLISECOND).astimezone(ZoneInfo(self.timezone))
        for due in CronSim(self.expression, after):
            due_ms = (due - _EPOCH) // _MILLISECOND
            # In the repeated hour, cronsim offers the times of the first hour again.
            if due_ms > ms:
                return due_ms
        return None


def refuse_unusable(expression: str | None, timezone: str, now_ms: int) -> None:
    """Return if the schedule is usable; raise `BadSchedule` or `UnknownTimezone`."""
    if timezone not in _zones():
        raise UnknownTimezone
    if expression is not None:
        _refuse_unreadable(Schedule(expression, timezone), now_ms)


def _refuse_unreadable(schedule: Schedule, now_ms: int) -> None:
    if len(schedule.expression.split()) != _FIELDS:
        raise BadSchedule("must have five fields")
    try:
        is_due = schedule.next_after(now_ms) is not None
    except CronSimError as error:
        raise BadSchedule(f"is not a cron expression: {error}") from None
    if not is_due:
        raise BadSchedule("is never due")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
