"""The report to charon of a command's output and end, while it runs."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from tallystick.charon_exec.client import Away, CallRefused, CharonClient, patiently
from tallystick.charon_exec.lines import Backlog, OutputMessage

FLUSH_S = 15.0
"""How many seconds the last messages may take after the command's end."""

END_S = 5.0
"""How many further seconds to try to report the end."""

_ENDED = 409

Warn = Callable[[str], None]


class ExecutionReport:
    """A sender of lines as messages; adding a line takes no time."""

    def __init__(self, charon: CharonClient, execution_id: int, warn: Warn) -> None:
        self._charon = charon
        self._id = execution_id
        self._warn = warn
        self._backlog = Backlog()
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._is_refused = False
        self._sending = asyncio.create_task(self._send())
        self._finishing: asyncio.Task[None] | None = None

    def add_lines(self, type_: str, line: str) -> None:
        """Send a line, together with others that wait."""
        if not self._is_refused:
            self._backlog.add_lines(type_, line)
            self._idle.clear()
            self._woken.set()

    async def finish(self, message: str, *, success: bool) -> None:
        """Send the waiting lines and end the execution; failures are warnings."""
        self._finishing = asyncio.create_task(self._finish(message, success))
        with suppress(asyncio.CancelledError):
            await self._finishing
        self._sending.cancel()
        with suppress(asyncio.CancelledError):
            await self._sending

    def give_up(self) -> None:
        """Let `finish` return at once."""
        if self._finishing:
            self._finishing.cancel()

    async def _finish(self, message: str, success: bool) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), FLUSH_S)
        if not self._idle.is_set():
            self._warn("the last messages were not sent")
        try:
            await patiently(
                partial(self._charon.end_execution, self._id, message, success=success), END_S
            )
        except CallRefused as error:
            # A 409 is fine: the call may have been repeated after a lost answer.
            if error.status != _ENDED:
                self._warn(f"the end was not sent to charon: {error}")
        except Away as error:
            self._warn(f"the end was not sent to charon: {error}")

    async def _send(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            while message := self._backlog.take_messages():
                await self._deliver(message)
            self._idle.set()

    async def _deliver(self, message: OutputMessage) -> None:
        say = partial(self._charon.send_message, self._id, message.type, message.text)
        try:
            try:
                await say()
            except Away as error:
                self._warn(f"messages wait: {error}")
                await patiently(say, math.inf)
        except CallRefused as error:
            self._is_refused = True
            self._backlog = Backlog()
            self._warn(f"no more messages are sent: {error}")
