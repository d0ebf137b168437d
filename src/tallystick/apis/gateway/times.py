"""Times as people write them into a query."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DATE_AND_T = 11


def to_ms(text: str) -> int:
    """Milliseconds since the epoch of a text that is a ``GatewayTime`` of the contract."""
    if text.isdigit():
        return int(text)
    # An offset's `+` that was not percent-encoded arrives as a space.
    plain = text[:_DATE_AND_T] + text[_DATE_AND_T:].replace(" ", "+").upper()
    time = datetime.fromisoformat(plain)
    return ((time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH) // _MILLISECOND
