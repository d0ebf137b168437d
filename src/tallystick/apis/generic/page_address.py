"""The addresses of a list's pages, for answers that tell them whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from tallystick.contract.query_string import Fields


class PageAddress(NamedTuple):
    """The address of a page, and the parameters that lead to another one."""

    url: str
    """It without its query."""
    fields: Fields
    """Its query, as it was sent."""
    cursors: frozenset[str]
    numbers: Sequence[str]
    backward: frozenset[str] = frozenset()

    @property
    def number(self) -> str | None:
        """Return the parameter for a number or an offset, if it leads to the next page.

        A cursor goes before, unless the call had a number.
        """
        sent = [name for name in self.numbers if self._has(name)]
        return next(iter(sent or (() if self.cursors else self.numbers)), None)

    @property
    def cursor(self) -> str | None:
        """Return the parameter for a cursor, if it leads to the next page."""
        if self.number is not None:
            return None
        names = sorted(self.cursors, key=lambda name: (not self._has(name), name))
        return next(iter(names), None)

    def at(self, parameter: str, value: str) -> str:
        """Return the address with another page in its query, and all else as it was sent."""
        places = {*self.cursors, *self.numbers, *self.backward}
        kept = [(name, text) for name, text in self.fields if name not in places]
        written = (f"{quote(name, '')}={text}" for name, text in [*kept, (parameter, quote(value))])
        return f"{self.url}?{'&'.join(written)}"

    def _has(self, parameter: str) -> bool:
        return any(name == parameter for name, _ in self.fields)
