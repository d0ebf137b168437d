"""Times as requests write them, and as eventgrid answers them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DATE_AND_T = 11


def parse_iso(text: str) -> int:
    """Return milliseconds since the epoch of an ISO 8601 time, which is UTC without an offset.

    Raise `ValueError` or `OverflowError` for any other text.
    """
    # An offset's `+` that was not percent-encoded arrives as a space.
    plain = text[:_DATE_AND_T] + text[_DATE_AND_T:].replace(" ", "+")
    time = datetime.fromisoformat(plain)
    return ((time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH) // _MILLISECOND


def parse_rfc3339(text: str) -> int:
    """Return what `parse_iso` does; ``z`` may be a small letter, as RFC 3339 allows."""
    return parse_iso(text[:_DATE_AND_T] + text[_DATE_AND_T:].upper())


def parse_time(text: str) -> int:
    """Return milliseconds since the epoch of a text that is a ``GatewayTime`` of the contract."""
    return int(text) if text.isdigit() else parse_rfc3339(text)


def format_utc(ms: int) -> str:
    """Return ``2026-01-31T08:15:30Z`` for ``1769847330123``."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
