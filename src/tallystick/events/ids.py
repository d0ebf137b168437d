"""Ids in the order of time: UUIDv7 (RFC 9562)."""

from __future__ import annotations

import re
from hashlib import sha256
from random import getrandbits
from threading import Lock

from tallystick import randomness

PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

SET_BACK_MS = 10_000
"""If the clock is set back by at most this many ms, ids keep their time; else they follow it."""

_MAX_MS = (1 << 48) - 1
_TAIL_BITS = 74
_STEP_BITS = 32
_NODE_BITS = 48


def derived_id(ms: int, name: bytes) -> str:
    """Return an id of this time that is always the same for a name."""
    tail = int.from_bytes(sha256(name).digest()) >> (256 - _TAIL_BITS)
    high, node = divmod(tail, 1 << _NODE_BITS)
    return f"{_head(ms, high)}{node:012x}"


def lowest_id(ms: int) -> str:
    """Return the lower bound of ids from this millisecond on; all earlier ids are less."""
    return f"{_time(min(max(ms, 0), _MAX_MS))}-0000-0000-000000000000"


def time_of(id_: str) -> int:
    """Return the milliseconds since the epoch in an id, or in a text that begins with one."""
    return int(id_[:8] + id_[9:13], 16)


class Ids:
    """A generator of ids, each greater than the one before, even within a millisecond."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.state = (-1, 0)

    def new(self, now_ms: int) -> str:
        """Return a new id for a time in milliseconds since the epoch."""
        with self._lock:
            if now_ms > self._ms or now_ms < self._ms - SET_BACK_MS:
                # The top bit is a rollover guard: within a millisecond the tail counts up from here
                # by random steps (RFC 9562, section 6.2: monotonic random, and counter rollover
                # guards).
                self._start(now_ms, randomness.random_bits(_TAIL_BITS - 1))
            else:
                self._node += 1 + getrandbits(_STEP_BITS)
                if self._node >> _NODE_BITS:
                    self._start(self._ms, self._tail)
            return f"{self._head}{self._node:012x}"

    @property
    def state(self) -> tuple[int, int]:
        """Hold the last id's time and random tail; set it to continue from an earlier id."""
        with self._lock:
            return self._ms, self._tail

    @state.setter
    def state(self, kept: tuple[int, int]) -> None:
        with self._lock:
            self._start(*kept)

    def _start(self, ms: int, tail: int) -> None:
        self._ms = ms
        self._high, self._node = divmod(tail, 1 << _NODE_BITS)
        # Formatted once for most ids of a millisecond; only a carry out of the last 48 bits changes
        # it.
        self._head = _head(ms, self._high)

    @property
    def _tail(self) -> int:
        return (self._high << _NODE_BITS) + self._node


def _head(ms: int, high: int) -> str:
    return f"{_time(ms)}-7{high >> 14:03x}-{0x8000 | high & 0x3FFF:04x}-"


def _time(ms: int) -> str:
    digits = f"{ms:012x}"
    return f"{digits[:8]}-{digits[8:]}"


IDS = Ids()
"""The id generator of this process."""

new_id = IDS.new
