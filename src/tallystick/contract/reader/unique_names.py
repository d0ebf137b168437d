"""Names of which each is given once."""

from __future__ import annotations

from collections.abc import Callable, Iterable


class UniqueNames:
    """Gives names out, with a number where one is taken; `fold` makes alike what counts as one."""

    def __init__(
        self, taken: Iterable[str] = (), separator: str = "", fold: Callable[[str], str] = str
    ) -> None:
        self._fold = fold
        self._taken = set(map(fold, taken))
        self._separator = separator
        self._numbers: dict[str, int] = {}

    def add_name(self, stem: str) -> str:
        """Return the stem itself, or with the next number that makes it a name of its own."""
        name, number = stem, self._numbers.get(stem, 1)
        while self._fold(name) in self._taken:
            number += 1
            name = f"{stem}{self._separator}{number}"
        self._numbers[stem] = number
        self._taken.add(self._fold(name))
        return name
