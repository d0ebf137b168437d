"""Ids that tell when they were made: UUIDv7, RFC 9562."""

from __future__ import annotations

import re
from random import getrandbits
from threading import Lock

from tallystick import randomness

PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

SET_BACK_MS = 10_000
"""A clock that is set back by less is waited for; one that is set back by more is believed."""

_MAX_MS = (1 << 48) - 1
_TAIL_BITS = 74
_STEP_BITS = 32
_NODE_BITS = 48


def lowest_id(ms: int) -> str:
    """What no id of that millisecond or later is less than, and all earlier ones are."""
    return f"{_time(min(max(ms, 0), _MAX_MS))}-0000-0000-000000000000"


class Ids:
    """Makes ids, each greater than the one before, also within a millisecond."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.state = (-1, 0)

    def new(self, now_ms: int) -> str:
        """A new id of that time."""
        with self._lock:
            if now_ms > self._ms or now_ms < self._ms - SET_BACK_MS:
                # The top bit stays free: within a millisecond the tail counts up from here.
                self._start(now_ms, randomness.random_bits(_TAIL_BITS - 1))
            else:
                self._node += 1 + getrandbits(_STEP_BITS)
                if self._node >> _NODE_BITS:
                    self._start(self._ms, self._tail)
            return f"{self._head}{self._node:012x}"

    @property
    def state(self) -> tuple[int, int]:
        """Where it stands; what is set draws on from there."""
        with self._lock:
            return self._ms, self._tail

    @state.setter
    def state(self, kept: tuple[int, int]) -> None:
        with self._lock:
            self._start(*kept)

    def _start(self, ms: int, tail: int) -> None:
        self._ms = ms
        self._high, self._node = divmod(tail, 1 << _NODE_BITS)
        # The same for all ids of a millisecond, but for the one in many that carries.
        self._head = f"{_time(ms)}-7{self._high >> 14:03x}-{0x8000 | self._high & 0x3FFF:04x}-"

    @property
    def _tail(self) -> int:
        return (self._high << _NODE_BITS) + self._node


def _time(ms: int) -> str:
    digits = f"{ms:012x}"
    return f"{digits[:8]}-{digits[8:]}"


IDS = Ids()
"""The process's own."""

new_id = IDS.new
