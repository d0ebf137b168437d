"""The command as a child process, with its output, its signals and its exit code."""

from __future__ import annotations

import asyncio
import os
import select
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress

from tallystick.charon_exec.lines import Splitter

NOT_EXECUTABLE = 126
NOT_FOUND = 127
BY_SIGNAL = 128
"""The exit code of a command ended by a signal is this plus the signal's number, as in a shell."""

RELAYED = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
)

LINGER_S = 1.0
"""How many seconds to wait for output by processes that outlive the command."""

_CHUNK = 65_536

OnLine = Callable[[str], None]


class CannotStartCommand(Exception):
    """The command can't be run."""

    def __init__(self, command: str, error: OSError) -> None:
        super().__init__(f"{command}: {error.strerror}")
        is_missing = isinstance(error, FileNotFoundError)
        self.exit_code = NOT_FOUND if is_missing else NOT_EXECUTABLE


class Signals:
    """A relay of this process's signals to the command; early ones wait until it has started."""

    def __init__(self) -> None:
        self._early: list[int] = []
        self._target: Callable[[int], None] = self._early.append
        loop = asyncio.get_running_loop()
        for number in RELAYED:
            loop.add_signal_handler(number, self._relay, number)

    def pass_to(self, target: Callable[[int], None]) -> None:
        """Pass all signals to the function from now on, beginning with those that waited."""
        self._target = target
        early, self._early = self._early, []
        for number in early:
            target(number)

    def _relay(self, number: int) -> None:
        if _is_from_terminal(number):
            return  # the terminal sends it to the command as well
        self._target(number)


def _is_from_terminal(number: int) -> bool:
    return number in {signal.SIGINT, signal.SIGQUIT} and os.isatty(0)


async def run_command(
    command: Sequence[str], signals: Signals, on_output: OnLine, on_error: OnLine
) -> int:
    """Return the exit code of the command after its end; raise `CannotStartCommand`.

    Its output is copied to ours byte by byte, and each line is passed to one of the functions.
    """
    output, error = _Stream(1, on_output), _Stream(2, on_error)
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=output.given, stderr=error.given
        )
    except OSError as reason:
        output.drop()
        error.drop()
        raise CannotStartCommand(command[0], reason) from reason
    finally:
        output.detach()
        error.detach()
    signals.pass_to(lambda number: _send(process, number))
    copying = [asyncio.create_task(stream.copy()) for stream in (output, error)]
    code = await process.wait()
    for stream in (output, error):
        stream.let_end()
    await asyncio.gather(*copying)
    return code if code >= 0 else BY_SIGNAL - code


def _send(process: asyncio.subprocess.Process, number: int) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)


class _Stream:
    """A copy of one of the command's output streams to a file descriptor of ours."""

    def __init__(self, target: int, on_line: OnLine) -> None:
        self._source, self.given = os.pipe()
        self._target = target
        self._on_line = on_line
        self._splitter = Splitter()
        self._reader = asyncio.StreamReader()
        self._transport: asyncio.ReadTransport | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._is_reading = False
        self._is_letting_end = False

    def detach(self) -> None:
        """Close our copy of the pipe's write end, which the command has now."""
        os.close(self.given)

    def drop(self) -> None:
        """Close the read end too, as the command did not start."""
        os.close(self._source)

    async def copy(self) -> None:
        """Copy everything until the end of the stream."""
        loop = asyncio.get_running_loop()
        source = os.fdopen(self._source, "rb", 0)  # closed by the transport
        self._transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(self._reader), source
        )
        try:
            while data := await self._read():
                await asyncio.to_thread(_write, self._target, data)
                self._tell(self._splitter.feed(data))
        except BrokenPipeError:
            pass  # our output is closed, so close the command's too
        finally:
            self._transport.close()
        self._tell(self._splitter.end())

    def let_end(self) -> None:
        """End soon, even if a process that outlives the command holds the pipe open."""
        self._is_letting_end = True
        if self._is_reading:
            self._end_soon()

    async def _read(self) -> bytes:
        self._is_reading = True
        if self._is_letting_end:
            self._end_soon()
        data = await self._reader.read(_CHUNK)
        self._is_reading = False
        if self._ending:
            self._ending.cancel()
        return data

    def _end_soon(self) -> None:
        assert self._transport
        loop = asyncio.get_running_loop()
        self._ending = loop.call_later(LINGER_S, self._transport.close)

    def _tell(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._on_line(line)


def _write(target: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(target, view) :]
        except BlockingIOError:  # another process has made the shared descriptor non-blocking
            select.select([], [target], [])
