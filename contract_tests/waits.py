"""Waits for a server that limits the calls in a time, as it asks for by Retry-After."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

_ASKING = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_MOST_IN_A_ROW = 3
_MOST_DIGITS = 6
_LEAST_S = 1


class Waits:
    """The waits of one run, with a limit in seconds for all of them together."""

    def __init__(
        self,
        most_s: int = 0,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.seconds = 0
        """The seconds waited so far."""
        self._most_s = most_s
        self._sleep = sleep
        self._now = now
        self._in_a_row = 0

    def wait(self, status: int, retry_after: str | None) -> bool:
        """Wait as an answer asks, and return whether to call again.

        It is False for an answer that asks for nothing, for too much, or again and again.
        """
        seconds = self._asked(status, retry_after)
        if seconds is None:
            self._in_a_row = 0
            return False
        if self.seconds + seconds > self._most_s or self._in_a_row == _MOST_IN_A_ROW:
            return False
        self._in_a_row += 1
        self.seconds += seconds
        self._sleep(seconds)
        return True

    def _asked(self, status: int, retry_after: str | None) -> int | None:
        """Return the seconds asked for: a number of them, or those until a date."""
        text = (retry_after or "").strip()
        if status not in _ASKING:
            return None
        if text.isascii() and text.isdecimal():
            return max(_LEAST_S, int(text[:_MOST_DIGITS]))
        date = _read_date(text)
        return None if date is None else max(_LEAST_S, math.ceil(date - self._now()))


def _read_date(text: str) -> float | None:
    """Return the seconds of a date of HTTP, in any of its three forms; None for other text."""
    try:
        date = parsedate_to_datetime(text)
        # The form of C's asctime names no zone: it is UTC as well.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
