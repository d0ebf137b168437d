"""Names of which each is given once."""

from __future__ import annotations

from collections.abc import Iterable


class UniqueNames:
    """Gives names out, with a number where one is taken."""

    def __init__(self, taken: Iterable[str] = (), separator: str = "") -> None:
        self._taken = set(taken)
        self._separator = separator
        self._numbers: dict[str, int] = {}

    def add_name(self, stem: str) -> str:
        """Return the stem itself, or with the next number that makes it a name of its own."""
        name, number = stem, self._numbers.get(stem, 1)
        while name in self._taken:
            number += 1
            name = f"{stem}{self._separator}{number}"
        self._numbers[stem] = number
        self._taken.add(name)
        return name
