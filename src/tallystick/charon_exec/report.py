"""The report to charon of a command's output, life and end, sent by a thread while it runs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from threading import Event, Thread

from tallystick.charon_exec.client import (
    Away,
    CallRefused,
    CharonClient,
    patiently,
    seconds_from_now,
)
from tallystick.charon_exec.lines import Backlog, Output, Splitter, join_lines

FLUSH_S = 15.0
"""How many seconds the last messages may take after the command's end."""

END_S = 5.0
"""How many further seconds to try to report the end."""

LEASE_S = 45
"""How many seconds the execution is alive after each renewal."""

RENEW_S = 15.0
RENEW_AGAIN_S = 5.0
"""How many seconds to wait after a renewal that failed."""

_ENDED = 409

Warn = Callable[[str], None]


class ExecutionReport:
    """A sender of output as messages, and of leases; adding output takes no time."""

    def __init__(self, charon: CharonClient, execution_id: int, warn: Warn) -> None:
        self._charon = charon
        self._id = execution_id
        self._warn = warn
        self._backlog = Backlog()
        self._splitters: dict[str, Splitter] = {}
        self._flush_by = math.inf
        self._ending: Callable[[], None] | None = None
        self._renew_at = 0.0
        self._done = Event()
        # A daemon, as a call that hangs must not hold the exit up.
        Thread(target=self._send, daemon=True).start()

    def add_output(self, type_: str, data: bytes) -> None:
        """Send output, together with more that waits."""
        self._backlog.add_output(type_, data)

    def finish(self, message: str, exit_code: int) -> None:
        """Send the waiting output and end the execution; failures are warnings."""
        self._flush_by = time.monotonic() + FLUSH_S
        self._ending = partial(self._charon.end_execution, self._id, message, exit_code)
        self._backlog.close()
        if not self._done.wait(FLUSH_S + END_S):
            self._warn("the end was not sent to charon: it does not answer")

    def give_up(self) -> None:
        """Let `finish` return at once."""
        self._done.set()

    def _send(self) -> None:
        while (output := self._next_output()) is not None:
            self._send_output(output)
        for type_, splitter in self._splitters.items():
            self._send_lines(type_, splitter.end())
        self._end()
        self._done.set()

    def _next_output(self) -> Output | None:
        """Return the next output, and renew the lease meanwhile; None after the command's end."""
        while True:
            self._renew_lease()
            output = self._backlog.take_output(self._renew_at - time.monotonic())
            if output or self._ending:
                return output

    def _renew_lease(self) -> None:
        if time.monotonic() < self._renew_at or self._ending:
            return
        pause = RENEW_S
        try:
            self._charon.renew_lease(self._id, LEASE_S)
        except CallRefused:  # somebody has ended it, or the server knows no leases
            pause = math.inf
        except Away:
            pause = RENEW_AGAIN_S
        self._renew_at = time.monotonic() + pause

    def _send_output(self, output: Output) -> None:
        if output.lost_lines:
            lost = f"{output.lost_lines} lines are missing here: there was too much output"
            self._send_lines("warning", [lost])
        splitter = self._splitters.setdefault(output.type, Splitter())
        self._send_lines(output.type, splitter.feed(output.data))

    def _send_lines(self, type_: str, lines: list[str]) -> None:
        for text in join_lines(lines):
            self._deliver(partial(self._charon.send_message, self._id, type_, text))

    def _deliver(self, say: Callable[[], None]) -> None:
        if time.monotonic() > self._flush_by:
            return
        try:
            try:
                say()
            except Away as error:
                self._warn(f"messages wait: {error}")
                patiently(say, lambda: self._flush_by)
        except Away:
            self._warn("the last messages were not sent")
            self._flush_by = -math.inf
        except CallRefused as error:
            self._backlog.close(drop=True)
            self._warn(f"no more messages are sent: {error}")

    def _end(self) -> None:
        assert self._ending
        try:
            patiently(self._ending, seconds_from_now(END_S))
        except CallRefused as error:
            # A 409 is fine: the call may have been repeated after a lost answer.
            if error.status != _ENDED:
                self._warn(f"the end was not sent to charon: {error}")
        except Away as error:
            self._warn(f"the end was not sent to charon: {error}")
