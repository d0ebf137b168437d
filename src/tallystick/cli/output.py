"""Standard output: what a command does when nobody takes it."""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tallystick.cli.options import COULD_NOT_RUN
from tallystick.standard_streams import open_closed_streams

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_OUTPUT = 1


class OutputNotTaken(OSError):
    """Standard output takes no more."""


@contextmanager
def taken_output() -> Iterator[None]:
    """End the command with exit code 2 and the reason if its output is not taken to the end."""
    open_closed_streams()
    if sys.platform != "win32":  # its console is no file
        sys.stdout = _standard_output()
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OutputNotTaken as error:
        drop_output()
        print(f"tallystick: standard output: {error}", file=sys.stderr)
        sys.exit(COULD_NOT_RUN)


def drop_output() -> None:
    """Write nowhere from now on: at its end Python would complain of the rest once more."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, _OUTPUT)
    os.close(null)
    with suppress(OSError):
        sys.stdout.flush()


def is_output_left() -> bool:
    """Return whether standard output is a pipe that nobody reads any more."""
    if sys.platform == "win32":
        return False
    poll = select.poll()
    poll.register(_OUTPUT, 0)
    return bool(poll.poll(0))


class _Output(io.FileIO):
    def write(self, data: ReadableBuffer) -> int:
        try:
            return super().write(data)
        except OSError as error:
            # Without an errno: click would end the command in silence at a broken pipe.
            raise OutputNotTaken(error.strerror) from error


def _standard_output() -> io.TextIOWrapper:
    raw = _Output(_OUTPUT, "wb", closefd=False)
    given = sys.__stdout__
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=given.encoding if given else "utf-8",
        # Python's own `strict` would end a command at a sign that the terminal has no code for.
        errors=given.errors if given and given.errors != "strict" else "backslashreplace",
        line_buffering=raw.isatty() or "PYTHONUNBUFFERED" in os.environ,
    )
