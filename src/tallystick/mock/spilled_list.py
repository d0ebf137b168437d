"""A list on the disk, for values that outgrow the memory."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import IO, Generic, TypeVar

from tallystick.mock.positioned_io import read_at, write_at

Value = TypeVar("Value")


class SpilledList(Generic[Value]):
    """A list in a temporary file; each value takes sixteen bytes of memory.

    The file has no name, and ends with the list.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._starts = array("Q")
        self._lengths = array("Q")
        self._in_memory: dict[int, Value] = {}
        self.size = 0
        """Bytes of the file."""

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index: int) -> Value:
        """Return a value; raise `IndexError`."""
        start = self._starts[index]
        if index in self._in_memory:
            return self._in_memory[index]
        assert self._file
        value: Value = pickle.loads(read_at(self._file.fileno(), self._lengths[index], start))
        return value

    def append(self, value: Value, otherwise: Callable[[], Value]) -> None:
        """Add a value at the end; if the file can't take it, add `otherwise()`, in memory."""
        self._starts.append(0)
        self._lengths.append(0)
        self.replace(len(self) - 1, value, otherwise)

    def replace(self, index: int, value: Value, otherwise: Callable[[], Value]) -> None:
        """Set the value at an index; the file keeps the bytes of the one before."""
        start = self.size
        try:
            self._write(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
        except (OSError, RecursionError):  # a full disk, or a value that is nested too deep
            self._in_memory[index] = otherwise()
            return
        self._in_memory.pop(index, None)
        self._starts[index], self._lengths[index] = start, self.size - start

    def _write(self, pickled: bytes) -> None:
        if self._file is None:
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115  # `clear` closes it
        written = 0
        while written < len(pickled):
            place = self.size + written
            written += write_at(self._file.fileno(), pickled[written:], place)
        self.size += written

    def clear(self) -> None:
        """Remove all values, and the file."""
        if self._file:
            self._file.close()
        self._file, self.size = None, 0
        self._starts, self._lengths = array("Q"), array("Q")
        self._in_memory.clear()
