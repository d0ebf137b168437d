"""A mapping of values that are made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


class MadeAtUse(Mapping[str, Any]):
    """The values of another mapping, each changed once, at its first use.

    A document has hundreds of schemas, and a process may never judge anything by most of them.
    """

    def __init__(self, source: Mapping[str, Any], make: Callable[[Any], Any]) -> None:
        self._source = source
        self._make = make
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return the one value of this name; raise `KeyError` for a name that is not there."""
        if name not in self._made:
            # Of two threads that ask at once both get the value of the first.
            self._made.setdefault(name, self._make(self._source[name]))
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Return whether there is such a name, without making its value."""
        return name in self._source

    def __iter__(self) -> Iterator[str]:
        """Return the names in the order of the other mapping."""
        return iter(self._source)

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self._source)
