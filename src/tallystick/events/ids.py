"""Ids that tell when they were made: UUIDv7, RFC 9562."""

from __future__ import annotations

import re
from random import getrandbits
from threading import Lock

from tallystick import chance

PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

SET_BACK_MS = 10_000
"""A clock that is set back by less is waited for; one that is set back by more is believed."""

_MAX_MS = (1 << 48) - 1
_TAIL_BITS = 74
_STEP_BITS = 32


def lowest_id(ms: int) -> str:
    """What no id of that millisecond or later is less than, and all earlier ones are."""
    return _text(min(max(ms, 0), _MAX_MS) << 80)


class Ids:
    """Makes ids, each greater than the one before, also within a millisecond."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ms = -1
        self._tail = 0

    def new(self, now_ms: int) -> str:
        """A new id of that time."""
        with self._lock:
            if now_ms > self._ms or now_ms < self._ms - SET_BACK_MS:
                self._ms = now_ms
                # The top bit stays free: within a millisecond the tail counts up from here.
                self._tail = chance.bits(_TAIL_BITS - 1)
            else:
                self._tail += 1 + getrandbits(_STEP_BITS)
            return _text(self._ms << 80 | _with_version(self._tail))

    @property
    def state(self) -> tuple[int, int]:
        """Where it stands; what is set draws on from there."""
        with self._lock:
            return self._ms, self._tail

    @state.setter
    def state(self, kept: tuple[int, int]) -> None:
        with self._lock:
            self._ms, self._tail = kept


def _with_version(tail: int) -> int:
    high, low = tail >> 62, tail & (1 << 62) - 1
    return 7 << 76 | high << 64 | 2 << 62 | low


def _text(number: int) -> str:
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


IDS = Ids()
"""The process's own."""

new_id = IDS.new
