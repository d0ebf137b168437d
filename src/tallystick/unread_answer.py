"""Ends a connection whose caller does not read the answer."""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle, Transport


class UnreadAnswer:
    """A timer over unsent bytes; it aborts a connection without progress."""

    def __init__(self, loop: AbstractEventLoop, transport: Transport, patience_s: float) -> None:
        self._loop = loop
        self._transport = transport
        self._patience_s = patience_s
        self._left = 0
        self._timer: TimerHandle | None = None

    def watch(self) -> None:
        """Start the timer, when the transport's buffer is full."""
        self._left = self._transport.get_write_buffer_size()
        self._timer = self._loop.call_later(self._patience_s, self._look)

    def forget(self) -> None:
        """Stop the timer, when the buffer has emptied or the connection is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        # Any progress counts, so a slow reader is served. A caller who reads nothing would keep its
        # answers in memory for ever.
        if self._transport.get_write_buffer_size() < self._left:
            self.watch()
        else:
            self._transport.abort()
