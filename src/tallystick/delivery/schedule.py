"""The retry schedule of deliveries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS

SCHEDULE_MS: tuple[int, ...] = (
    0,
    5 * SECOND_MS,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    24 * HOUR_MS,
)
"""The delay in ms of each attempt after the one before: the example of Standard Webhooks' spec."""

JITTER = 0.2
LONGEST_RETRY_AFTER_MS = 24 * HOUR_MS
BUSY_MS = 60 * SECOND_MS
"""The shortest delay after 429, 502 or 504, which Standard Webhooks advises to throttle."""

LONGEST_MS = max(int(max(SCHEDULE_MS) * (1 + JITTER)), LONGEST_RETRY_AFTER_MS)
"""The longest delay of an attempt after the one before."""

LOCAL_PAUSE_MS = MINUTE_MS
LONGEST_LOCAL_PAUSE_MS = 5 * MINUTE_MS
"""The longest delay after a local failure; it grows by a minute for each one."""

_BUSY = frozenset({429, 502, 504})


def next_attempt_at(
    tries: int,
    now_ms: int,
    *,
    status: int | None,
    retry_after: str | None,
    random: Callable[[], float],
    retries: int | None = None,
) -> int | None:
    """Return the time of the next attempt, after `tries` of them; None if that was the last.

    `retries` is the most attempts after the first, if there should be fewer than the schedule has.
    """
    if tries >= len(SCHEDULE_MS) or (retries is not None and tries > retries):
        return None
    delay = SCHEDULE_MS[tries] * (1 + JITTER * (2 * random() - 1))
    asked = retry_after_ms(retry_after, now_ms) if retry_after else 0
    least = BUSY_MS if status in _BUSY else 0
    return now_ms + max(int(delay), asked, least)


def next_local_attempt_at(failures: int, now_ms: int) -> int:
    """Return the time of the next attempt after this many failures of the process itself."""
    return now_ms + min(max(failures, 1) * LOCAL_PAUSE_MS, LONGEST_LOCAL_PAUSE_MS)


def retry_after_ms(value: str, now_ms: int) -> int:
    """Return the delay in ms of a ``Retry-After`` header: up to a day, and 0 if unreadable."""
    if value.isascii() and value.isdigit():
        # Only nine digits are converted, as the number may have any length.
        asked = int(value[:9]) * SECOND_MS if len(value) <= 9 else LONGEST_RETRY_AFTER_MS
    else:
        asked = _until(value, now_ms)
    return min(max(asked, 0), LONGEST_RETRY_AFTER_MS)


def _until(date: str, now_ms: int) -> int:
    try:
        read = parsedate_to_datetime(date)
        # The form of C's asctime names no zone: it is UTC as well.
        in_utc = read if read.tzinfo else read.replace(tzinfo=UTC)
        return int(in_utc.timestamp() * 1000) - now_ms
    except (ValueError, OverflowError):
        return 0
