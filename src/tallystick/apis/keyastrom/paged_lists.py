"""Lists, a page at a time: the first by a query, the others by a key alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, ClassVar, Protocol, TypeVar, get_type_hints

from sqlalchemy import Connection

from tallystick.apis.keyastrom import paging, selector, timeframe
from tallystick.apis.keyastrom.paging import BadPageKey, PageKeys
from tallystick.apis.keyastrom.selector_parser import SelectorError
from tallystick.clock import Clock
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.store import Database

After = Sequence[Any] | None
"""Where the page before ended."""


class PagedQuery(Protocol):
    """A dataclass with all a list depends on, to be written as JSON."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def position(self) -> Sequence[type]:
        """The types of the values that a page ends with."""
        ...

    @property
    def page_size(self) -> int:
        """The most items of a page."""
        ...

    def page(
        self, connection: Connection, now_ms: int, after: After
    ) -> tuple[list[dict[str, Any]], After]:
        """Return some items, and their end if more follow."""
        ...

    def count(self, connection: Connection, now_ms: int) -> int:
        """Return the number of items on all pages."""
        ...


Query = TypeVar("Query", bound=PagedQuery)


class PagedLists:
    """Answers with pages."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._keys: PageKeys

    async def open(self) -> None:
        """Make or find the secret for the keys of pages."""
        self._keys = PageKeys(await self._database.write(paging.create_page_secret))

    async def first_page(self, name: str, query: PagedQuery) -> dict[str, Any]:
        """Return the first page of a list, under `name`."""
        now_ms = self._clock.now_ms()

        def read(connection: Connection) -> tuple[list[dict[str, Any]], After, int]:
            items, end = query.page(connection, now_ms, None)
            # What fits into one page need not be counted.
            total = query.count(connection, now_ms) if end else len(items)
            return items, end, total

        items, end, total = await self._database.read(read)
        return self._page(name, query, items, total, end)

    async def next_page(
        self,
        name: str,
        kind: type[Query],
        key: str,
        others: Mapping[str, object],
        adapt: Callable[[Query], Query] = lambda query: query,
    ) -> dict[str, Any]:
        """Return the page of a key; raise `Invalid`, also if anything stands beside it.

        `adapt` changes the query of the key, or raises `BadPageKey`.
        """
        for parameter, value in others.items():
            if value is not None:
                raise invalid(parameter, "must be left out where nextPageKey is given")
        try:
            said = self._keys.content(name, key)
            query = adapt(_read_query(kind, said))
            now_ms = self._clock.now_ms()
            items, end = await self._database.read(
                lambda connection: query.page(connection, now_ms, said["after"])
            )
        except (BadPageKey, SelectorError):  # a selector of an earlier version, perhaps
            raise invalid("nextPageKey", "must be the nextPageKey of another page") from None
        return self._page(name, query, items, said["total"], end)

    def _page(
        self, name: str, query: PagedQuery, items: Sequence[Any], total: int, end: After
    ) -> dict[str, Any]:
        page = {"totalCount": total, "pageSize": query.page_size, name: items}
        if end is None:
            return page
        rest = {"query": asdict(query), "total": total, "after": end}
        return {**page, "nextPageKey": self._keys.key(name, rest)}


def _read_query(kind: type[Query], said: Mapping[str, Any]) -> Query:
    """Return the query of a key; raise `BadPageKey` if an earlier version wrote it otherwise."""
    _require_types(said, {"query": dict, "total": int, "after": list})
    hints = get_type_hints(kind)
    _require_types(said["query"], {field.name: hints[field.name] for field in fields(kind)})
    query = kind(**said["query"])
    _require_types(dict(enumerate(said["after"])), dict(enumerate(query.position)))
    return query


def _require_types(values: Mapping[Any, Any], types: Mapping[Any, Any]) -> None:
    if values.keys() != types.keys():
        raise BadPageKey
    if not all(isinstance(value, types[name]) for name, value in values.items()):
        raise BadPageKey


def span(from_: str | None, to: str | None, default: str, now_ms: int) -> tuple[int, int]:
    """Return the time frame of two parameters, in milliseconds; raise `Invalid`."""
    start = _time("from", from_ if from_ is not None else default, now_ms)
    end = _time("to", to if to is not None else "now", now_ms)
    if start > end:
        raise invalid("from", "must not be after to")
    return start, end


def _time(name: str, text: str, now_ms: int) -> int:
    try:
        return timeframe.parse_time(text).at(now_ms)
    except timeframe.TimeError:
        raise invalid(name, "must be milliseconds, an ISO 8601 time, or such as now-2h") from None


def check_entity_selector(text: str | None) -> None:
    """Raise `Invalid` if there is an entity selector, and it is unreadable."""
    check_selector("entitySelector", text, selector.parse_selector)


def check_selector(name: str, text: str | None, parse: Callable[[str], object]) -> None:
    """Raise `Invalid` if there is a selector, and `parse` can't read it."""
    try:
        _ = None if text is None else parse(text)
    except SelectorError as error:
        raise invalid(name, str(error)) from None


def invalid(name: str, message: str, keyword: str = "pattern") -> Invalid:
    """Return the refusal of a query's parameter."""
    return Invalid([Violation("query", name, keyword, None, message, (name,))])
