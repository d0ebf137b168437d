"""Times in requests: milliseconds, ISO 8601, and back from now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tallystick import times

_RELATIVE = re.compile(r"(?:now|(?=-))(?:-(\d{1,6})([mhdwMy]))?(?:/([mhdwMy]))?", re.ASCII)
_LENGTHS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_MONTHS = {"M": 1, "y": 12}
_INT64_MAX = 2**63 - 1


class TimeError(ValueError):
    """The text is no time."""


class TimeExpression(NamedTuple):
    """A point in time, absolute or back from now."""

    ms: int | None = None
    amount: int = 0
    unit: str = "m"
    alignment: str | None = None

    def at(self, now_ms: int) -> int:
        """Return UTC milliseconds, for the time `now_ms`."""
        if self.ms is not None:
            return self.ms
        try:
            return _to_ms(_align(_back(_from_ms(now_ms), self.amount, self.unit), self.alignment))
        except (OverflowError, ValueError):  # before the year 1
            return 0


def parse_time(text: str) -> TimeExpression:
    """Read ``1611554221123``, ``2021-01-25T05:57:01.123+01:00``, ``now-1w/d`` or ``-2h``."""
    if text.isascii() and text.isdigit() and len(text) <= 19:
        return TimeExpression(min(int(text), _INT64_MAX))
    relative = _RELATIVE.fullmatch(text)
    if relative:
        amount, unit, alignment = relative.groups()
        return TimeExpression(None, int(amount or 0), unit or "m", alignment)
    return TimeExpression(_iso(text))


def _iso(text: str) -> int:
    try:
        return times.parse_iso(text)
    except (ValueError, OverflowError):
        raise TimeError(f"{text[:50]!r} is no time") from None


def _to_ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _from_ms(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def _back(moment: datetime, amount: int, unit: str) -> datetime:
    if unit in _LENGTHS:
        return moment - amount * _LENGTHS[unit]
    month = moment.year * 12 + moment.month - 1 - amount * _MONTHS[unit]
    first = moment.replace(year=month // 12, month=month % 12 + 1, day=1)
    return first.replace(day=min(moment.day, _days(first)))


def _days(first: datetime) -> int:
    return ((first + timedelta(days=31)).replace(day=1) - first).days


def _align(moment: datetime, unit: str | None) -> datetime:
    if unit is None:
        return moment
    if unit == "m":
        return moment.replace(second=0, microsecond=0)
    moment = moment.replace(minute=0, second=0, microsecond=0)
    if unit == "h":
        return moment
    moment = moment.replace(hour=0)
    if unit == "w":
        return moment - timedelta(days=moment.weekday())
    if unit == "M":
        return moment.replace(day=1)
    return moment.replace(month=1, day=1) if unit == "y" else moment
