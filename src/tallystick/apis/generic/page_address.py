"""The addresses of a list's pages, for answers that tell them whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from tallystick.contract.query_string import Fields

# RFC 3986, section 3.4. Browsers send a few other signs as they are.
_NOT_IN_QUERY = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$'()*+,;=:@/?%-]")


class PageAddress(NamedTuple):
    """The address of a page, and the parameters that lead to another one."""

    url: str
    """It without its query."""
    fields: Fields
    """Its query."""
    cursors: frozenset[str]
    numbers: Sequence[str]
    backward: frozenset[str] = frozenset()

    @property
    def number(self) -> str | None:
        """Return the parameter for a number or an offset, if it leads to the next page.

        A cursor goes before, unless the call had a number alone.
        """
        is_placed = any(text and name in self.cursors | self.backward for name, text in self.fields)
        sent = [] if is_placed else [name for name in self.numbers if self._has(name)]
        return next(iter(sent or (() if self.cursors else self.numbers)), None)

    @property
    def cursor(self) -> str | None:
        """Return the parameter for a cursor, if it leads to the next page."""
        if self.number is not None:
            return None
        names = sorted(self.cursors, key=lambda name: (not self._has(name), name))
        return next(iter(names), None)

    @property
    def own(self) -> str:
        """Return the address as it was called."""
        return self._with(self.fields)

    @property
    def first(self) -> str:
        """Return the address without a place in its query."""
        return self._with(self._kept)

    def at(self, parameter: str, value: str) -> str:
        """Return the address with another page in its query, and all else as it was sent."""
        return self._with([*self._kept, (parameter, value)])

    @property
    def _kept(self) -> Fields:
        places = {*self.cursors, *self.numbers, *self.backward}
        return [(name, text) for name, text in self.fields if name not in places]

    def _with(self, fields: Fields) -> str:
        written = "&".join(f"{quote(name, '')}={_text(value)}" for name, value in fields)
        return f"{self.url}?{written}" if written else self.url

    def _has(self, parameter: str) -> bool:
        return any(name == parameter for name, _ in self.fields)


def _text(value: str) -> str:
    """Return a value of a query as it may stand in an address."""
    return _NOT_IN_QUERY.sub(lambda found: quote(found[0], "", "latin-1"), value)
