"""Schedules of crons: cron expressions in a time zone, and intervals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

_FIELDS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

MOST_LINES = 10
"""The number of cron expressions in one schedule."""

LEAST_EARLY_MS = 10_000
MOST_EARLY_MS = 600_000
EARLY_SHARE = 10
"""A start counts for the next due time if it comes within this part of the interval before it."""

_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
"""The nicknames of crontab(5); ``@reboot`` is no time."""

_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

_NO_PLACES = frozenset({"Factory", "localtime"})
"""Names in a machine's time zone database whose meaning depends on the machine."""


class BadSchedule(ValueError):
    """The text is not a schedule."""


class UnknownTimezone(ValueError):
    """The text is not the name of a time zone."""


class Schedule(NamedTuple):
    """Cron expressions, one a line, in the local time of a zone, with the rules of Debian's cron.

    At a change of the clocks, a run at a fixed time is due once: a skipped one at the end of the
    gap, and a repeated one at the first time. If minute or hour begins with ``*``, a run is due at
    every matching local time.
    """

    expression: str
    timezone: str

    def next_after(self, ms: int) -> int | None:
        """Return the first due time after `ms`, in ms since the epoch; None if there is none."""
        after = (_EPOCH + ms * _MILLISECOND).astimezone(ZoneInfo(self.timezone))
        found = [_next_of(line, after, ms) for line in self.expressions()]
        return min((due for due in found if due is not None), default=None)

    def next_times(self, ms: int, count: int) -> list[int]:
        """Return so many due times after `ms`, or fewer if it is not due again."""
        times: list[int] = []
        while len(times) < count:
            due = self.next_after(times[-1] if times else ms)
            if due is None:
                break
            times.append(due)
        return times

    def describe(self) -> str:
        """Return the expressions in English, such as ``at 03:00 every day``."""
        words = [CronSim(line, _EPOCH).explain() for line in self.expressions()]
        return ", and ".join(text[0].lower() + text[1:] for text in words)

    def next_from(self, _due_ms: int, now_ms: int) -> int | None:
        """Return the first due time after now."""
        return self.next_after(now_ms)

    def is_early(self, start_ms: int, due_ms: int, early_ms: int | None) -> bool:
        """Return whether a start before the next due time counts for it.

        Without `early_ms` it does within a tenth of the interval before the due time, 10 s at
        least and 10 min at most.
        """
        gap = due_ms - start_ms
        if early_ms is not None:
            return gap <= early_ms
        if gap <= LEAST_EARLY_MS or gap > MOST_EARLY_MS:
            return gap <= LEAST_EARLY_MS
        # The interval is long enough if nothing is due in ten times the gap.
        return self.next_after(due_ms - EARLY_SHARE * gap) == due_ms

    def expressions(self) -> list[str]:
        """Return the cron expressions, without nicknames."""
        return [_NICKNAMES.get(line.strip(), line) for line in self.expression.split("\n")]


class Interval(NamedTuple):
    """A fixed time between one start and the next."""

    every_ms: int

    def next_after(self, ms: int) -> int:
        """Return the time after one interval."""
        return ms + self.every_ms

    def next_from(self, due_ms: int, now_ms: int) -> int:
        """Return the first time after now that is some intervals after a due one."""
        passed = max(0, now_ms - due_ms) // self.every_ms + 1
        return due_ms if due_ms > now_ms else due_ms + passed * self.every_ms

    def is_early(self, _start_ms: int, _due_ms: int, _early_ms: int | None) -> bool:
        """Return False, as the next start is due one interval after this one."""
        return False


AnySchedule: TypeAlias = Schedule | Interval


def read_interval(text: str) -> Interval:
    """Return the interval of a ``CharonEvery`` of the contract, such as ``15m``."""
    return Interval(int(text[:-1]) * _UNIT_MS[text[-1]])


def refuse_unusable(expression: str | None, timezone: str, now_ms: int) -> None:
    """Return if the schedule is usable; raise `BadSchedule` or `UnknownTimezone`."""
    if timezone not in _zones():
        raise UnknownTimezone
    if expression is not None:
        _refuse_unreadable(Schedule(expression, timezone), now_ms)


def _next_of(expression: str, after: datetime, ms: int) -> int | None:
    for due in CronSim(expression, after):
        due_ms = (due - _EPOCH) // _MILLISECOND
        # In the repeated hour, cronsim offers the times of the first hour again.
        if due_ms > ms:
            return due_ms
    return None


def _refuse_unreadable(schedule: Schedule, now_ms: int) -> None:
    lines = schedule.expressions()
    if len(lines) > MOST_LINES:
        raise BadSchedule(f"must have {MOST_LINES} lines at most")
    for line in lines:
        _refuse_line(Schedule(line, schedule.timezone), now_ms)


def _refuse_line(schedule: Schedule, now_ms: int) -> None:
    if schedule.expression.strip() == "@reboot":
        raise BadSchedule("can't be @reboot, which is no time")
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
    return frozenset(available_timezones() - _NO_PLACES)
