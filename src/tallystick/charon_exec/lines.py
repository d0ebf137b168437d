"""Output as messages: lines in order, as many in one message as wait when it is sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from threading import TIMEOUT_MAX, Condition
from typing import NamedTuple

LIMIT = 65_536
"""The limit of one message in bytes; longer lines are split."""

BACKLOG_BYTES = 512 * 1024
"""The limit in bytes of waiting output; the oldest is dropped, so that the command runs on."""

_CONTINUATION = range(0x80, 0xC0)
_LONGEST_CHARACTER = 4


class Splitter:
    """A splitter of a byte stream into lines."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines completed by the data; a line over the limit is split into pieces."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        pieces = [piece for line in whole for piece in _pieces(line.removesuffix(b"\r"))]
        while len(self._rest) > LIMIT:
            end = _boundary(self._rest)
            pieces.append(self._rest[:end])
            self._rest = self._rest[end:]
        return [piece.decode(errors="replace") for piece in pieces]

    def end(self) -> list[str]:
        """Return the last line, if it had no line end."""
        rest, self._rest = self._rest, b""
        return [rest.decode(errors="replace")] if rest else []


def _pieces(line: bytes) -> list[bytes]:
    pieces = []
    while len(line) > LIMIT:
        end = _boundary(line)
        pieces.append(line[:end])
        line = line[end:]
    return [*pieces, line]


def _boundary(line: bytes) -> int:
    """Return the index to split at: the limit, or the start of the character across it."""
    for end in range(LIMIT, LIMIT - _LONGEST_CHARACTER, -1):
        if line[end] not in _CONTINUATION:
            return end
    return LIMIT  # not UTF-8


def join_lines(lines: Sequence[str]) -> Iterator[str]:
    """Yield texts of as many lines as fit into a message."""
    fitting: list[str] = []
    size = 0
    for line in lines:
        size += len(line.encode()) + 1
        if fitting and size > LIMIT + 1:
            yield "\n".join(fitting)
            fitting, size = [], len(line.encode()) + 1
        fitting.append(line)
    if fitting:
        yield "\n".join(fitting)


class Output(NamedTuple):
    """A piece of output, of one type."""

    type: str
    data: bytes
    lost_lines: int
    """The number of line ends dropped before it."""


class Backlog:
    """A queue of output between threads; adding to it takes no time."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[str, bytes]] = deque()
        self._size = 0
        self._lost = 0
        self._changed = Condition()
        self._is_closed = False

    def add_output(self, type_: str, data: bytes) -> None:
        """Add output; if the queue is too long, drop the oldest and count its lines."""
        with self._changed:
            if self._is_closed:
                return
            self._pieces.append((type_, data))
            self._size += len(data)
            while self._size > BACKLOG_BYTES:
                _, oldest = self._pieces.popleft()
                self._size -= len(oldest)
                self._lost += oldest.count(b"\n")
            self._changed.notify()

    def take_output(self, timeout_s: float) -> Output | None:
        """Return what waits first, up to some 64 KB of one type; None if nothing comes in time."""
        with self._changed:
            if not self._pieces and not self._is_closed:
                self._changed.wait(min(timeout_s, TIMEOUT_MAX))  # it takes no infinity
            if not self._pieces:
                return None
            type_, data = self._pieces.popleft()
            taken, size = [data], len(data)
            while self._pieces and self._pieces[0][0] == type_ and size < LIMIT:
                taken.append(self._pieces.popleft()[1])
                size += len(taken[-1])
            self._size -= size
            lost, self._lost = self._lost, 0
            return Output(type_, b"".join(taken), lost)

    def close(self, *, drop: bool = False) -> None:
        """Take no more output, and with `drop` forget what waits; `take_output` waits no more."""
        with self._changed:
            self._is_closed = True
            if drop:
                self._pieces.clear()
                self._size = 0
            self._changed.notify()
