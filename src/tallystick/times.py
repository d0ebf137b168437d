"""The formats of times in requests and answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DATE_AND_T = 11

FIRST_MS = -62_135_596_800_000
"""The first time that a text of four digits a year can tell: the beginning of 0001, in UTC."""

LAST_MS = 253_402_300_799_999
"""The last such time: the end of 9999, in UTC."""


class OutOfYears(ValueError):
    """A time is one that a text of four digits a year can't tell in UTC."""


def parse_iso(text: str) -> int:
    """Return the milliseconds since the epoch of an ISO 8601 time; without an offset it is UTC.

    Raise `ValueError` or `OverflowError` for other texts, and `OutOfYears` for times unfit for
    `format_ms`.
    """
    # A `+` of an offset arrives as a space if it was not percent-encoded.
    plain = text[:_DATE_AND_T] + text[_DATE_AND_T:].replace(" ", "+")
    time = datetime.fromisoformat(plain)
    ms = ((time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH) // _MILLISECOND
    # An offset can lead out of the years that the text itself keeps to.
    if not FIRST_MS <= ms <= LAST_MS:
        raise OutOfYears(f"{text} is outside of the years 1 to 9999 in UTC")
    return ms


def parse_rfc3339(text: str) -> int:
    """Return the same as `parse_iso`, also for small letters ``t`` and ``z`` (RFC 3339)."""
    return parse_iso(text[:_DATE_AND_T] + text[_DATE_AND_T:].upper())


def parse_time(text: str) -> int:
    """Return the milliseconds since the epoch of a text of the contract's ``GatewayTime``."""
    return int(text) if text.isdigit() else parse_rfc3339(text)


def format_ms(ms: int) -> str:
    """Return ``1769847330123``, in ms since the epoch, as ``2026-01-31T08:15:30.123Z``."""
    time = _EPOCH + ms * _MILLISECOND
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_utc(ms: int) -> str:
    """Return the UTC time of milliseconds since the epoch, such as ``2026-01-31T08:15:30Z``."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
