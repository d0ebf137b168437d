"""Output as messages: lines in order, as many in one message as wait when it is sent."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

LIMIT = 65_536
"""The limit of one message in bytes; longer lines are split."""

BACKLOG_BYTES = 16 * 1024 * 1024
"""The limit in bytes of waiting output; the oldest lines are dropped, so the command runs on."""

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


class OutputMessage(NamedTuple):
    """The text of one message, and its type."""

    type: str
    text: str


class Backlog:
    """A queue of lines to send."""

    def __init__(self) -> None:
        self._lines: deque[OutputMessage] = deque()
        self._size = 0
        self._lost = 0

    def __len__(self) -> int:
        return len(self._lines)

    def add_lines(self, type_: str, line: str) -> None:
        """Add a line; if the queue is too long, drop the oldest lines and count them."""
        self._lines.append(OutputMessage(type_, line))
        self._size += _size(line)
        while self._size > BACKLOG_BYTES:
            self._size -= _size(self._lines.popleft().text)
            self._lost += 1

    def take_messages(self) -> OutputMessage | None:
        """Return the next message, with as many lines of one type as fit; None if there is none."""
        if self._lost:
            lost, self._lost = self._lost, 0
            return OutputMessage(
                "warning", f"{lost} lines are missing here: there was too much output"
            )
        if not self._lines:
            return None
        type_ = self._lines[0].type
        lines: list[str] = []
        size = 0
        while self._lines and self._lines[0].type == type_:
            size += _size(self._lines[0].text)
            if lines and size > LIMIT + 1:
                break
            lines.append(self._lines.popleft().text)
            self._size -= _size(lines[-1])
        return OutputMessage(type_, "\n".join(lines))


def _size(line: str) -> int:
    """Return the bytes of a line with its end."""
    return len(line.encode()) + 1
