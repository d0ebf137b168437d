"""A read that may look at much of the database: it ends early when nobody waits for it."""

from __future__ import annotations

from time import monotonic

from tallystick.caller_presence import CALLER
from tallystick.contract.exceptions import Unavailable

LONGEST_S = 30.0
"""The most seconds of such a read: its snapshot keeps old rows from being overwritten."""


class LongRead:
    """A long read, from its wait for a thread to its end."""

    def __init__(self) -> None:
        self._caller = CALLER.get()
        self._until = monotonic() + LONGEST_S
        self._is_ended = False

    def end(self) -> None:
        """Let it end at its next step."""
        self._is_ended = True

    def is_over(self) -> bool:
        """Return whether it should end: its caller is gone, or its time is up."""
        is_alone = self._caller is not None and self._caller.is_over()
        return self._is_ended or is_alone or monotonic() >= self._until


class ReadTooLong(Unavailable):
    """The read took too long: ask for less, such as a shorter time."""

    def __init__(self) -> None:
        super().__init__(str(ReadTooLong.__doc__))
