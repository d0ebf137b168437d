"""A list on the disk, for values that outgrow the memory."""

from __future__ import annotations

import pickle
from array import array
from tempfile import TemporaryFile
from typing import IO, Generic, TypeVar

Value = TypeVar("Value")


class SpilledList(Generic[Value]):
    """A list in a temporary file; each value takes eight bytes of memory.

    The file has no name, and ends with the list.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._places = array("Q")
        self.size = 0
        """Bytes of the file."""

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Value:
        """Return a value; raise `IndexError`."""
        place = self._places[index]
        assert self._file
        self._file.seek(place)
        value: Value = pickle.load(self._file)
        return value

    def append(self, value: Value) -> None:
        """Add a value at the end."""
        if self._file is None:
            self._file = TemporaryFile()  # noqa: SIM115  # `clear` closes it
        pickled = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        self._file.seek(self.size)
        self._file.write(pickled)
        self._places.append(self.size)
        self.size += len(pickled)

    def clear(self) -> None:
        """Remove all values, and the file."""
        if self._file:
            self._file.close()
        self._file, self._places, self.size = None, array("Q"), 0
