"""The command as a child process, with its output, its signals and its exit code."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread
from types import FrameType
from typing import IO

NOT_EXECUTABLE = 126
NOT_FOUND = 127
BY_SIGNAL = 128
"""The exit code of a command ended by a signal is this plus the signal's number, as in a shell."""

# Windows has the first two alone.
RELAYED = tuple(
    getattr(signal, name)
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
)
_OF_A_TERMINAL = {number for number in RELAYED if number.name in ("SIGINT", "SIGQUIT")}

LINGER_S = 1.0
"""How many seconds to wait for output by processes that outlive the command."""

_CHUNK = 65_536

OnOutput = Callable[[bytes], None]


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
        for number in RELAYED:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
                signal.signal(number, self._relay)

    def pass_to(self, target: Callable[[int], None]) -> None:
        """Pass all signals to the function from now on, beginning with the waiting ones."""
        self._target = target
        early, self._early = self._early, []
        for number in early:
            target(number)

    def _relay(self, number: int, _frame: FrameType | None) -> None:
        if _is_from_terminal(number):
            return  # the terminal sends it to the command as well
        self._target(number)


def _is_from_terminal(number: int) -> bool:
    return number in _OF_A_TERMINAL and os.isatty(0)


def run_command(
    command: Sequence[str],
    signals: Signals,
    on_output: OnOutput,
    on_error: OnOutput,
    *,
    is_shown: bool,
) -> int:
    """Return the exit code of the command after its end; raise `CannotStartCommand`.

    Its output is passed to the functions piece by piece, and copied to ours if `is_shown`.
    """
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
    except OSError as reason:
        raise CannotStartCommand(command[0], reason) from reason
    except ValueError as reason:  # a NUL in an argument
        raise CannotStartCommand(command[0], OSError(0, str(reason))) from reason
    signals.pass_to(lambda number: _send(process, number))
    assert process.stdout
    assert process.stderr
    copies = (
        _OutputCopy(process.stdout, 1 if is_shown else None, on_output),
        _OutputCopy(process.stderr, 2 if is_shown else None, on_error),
    )
    code = process.wait()
    for copy in copies:
        copy.let_end()
    return code if code >= 0 else BY_SIGNAL - code


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)


class _OutputCopy:
    """A thread to copy one of the command's output streams to a file descriptor of ours."""

    def __init__(self, source: IO[bytes], target: int | None, on_output: OnOutput) -> None:
        self._source = source
        self._target = target
        self._on_output = on_output
        self._is_reading = False
        self._pieces = 0
        # A daemon, as a process that outlives the command may hold the pipe open.
        self._thread = Thread(target=self._copy, daemon=True)
        self._thread.start()

    def let_end(self) -> None:
        """Return at the end of the stream, or after a second in which nothing came."""
        while self._thread.is_alive():
            seen = self._pieces
            self._thread.join(LINGER_S)
            if self._is_reading and self._pieces == seen:
                return

    def _copy(self) -> None:
        try:
            while data := self._read():
                if self._target is not None:
                    _write(self._target, data)
                self._on_output(data)
        except OSError:
            self._source.close()  # our output is closed, so close the command's too

    def _read(self) -> bytes:
        self._is_reading = True
        data = os.read(self._source.fileno(), _CHUNK)
        self._is_reading = False
        self._pieces += 1
        return data


def _write(target: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(target, view) :]
        except BlockingIOError:  # another process has made the shared descriptor non-blocking
            select.select([], [target], [])
