"""A gate for the readers of an SQLite file: it closes until all of them have left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class ReaderGate:
    """A gate that many readers pass, or one thread alone."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside = 0
        self._is_closed = False

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Be a reader for the block; wait before it while the gate is closed."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_closed)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def emptied(self) -> Iterator[bool]:
        """Hold new readers, and yield True once all others have left.

        Yield False at once if another thread holds the gate closed.
        """
        with self._changed:
            is_ours = not self._is_closed
            self._is_closed = True
            if is_ours:
                self._changed.wait_for(lambda: not self._inside)
        try:
            yield is_ours
        finally:
            if is_ours:
                with self._changed:
                    self._is_closed = False
                    self._changed.notify_all()
