"""Interrupts of this process, noted though a library swallows them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from types import FrameType


@contextmanager
def noted_interrupts() -> Iterator[Event]:
    """Yield what is set once Ctrl-C was pressed in the block; it does what it did before, too.

    Only the main thread may listen; elsewhere, and where interrupts are ignored, nothing is noted.
    """
    noted = Event()
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or current_thread() is not main_thread():
        yield noted
        return
    act = before

    def note(number: int, frame: FrameType | None) -> None:
        noted.set()
        act(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)
