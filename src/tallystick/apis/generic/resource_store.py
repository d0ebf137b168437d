"""Resources in the database: read, and written within the transaction of their event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from tallystick.apis.generic.tables import resources
from tallystick.contract.json_text import read_json, write_json
from tallystick.store import has_bytes

Item = Mapping[str, Any]

MAX_LISTED = 1_000
"""Items that one answer lists."""

SLICE = 2_000
"""Items that one read looks at, to see which ones match: others have their turn in between."""


class ResourceKey(NamedTuple):
    """Where one resource is kept."""

    api: str
    collection: str
    id: str


class KeptResource(NamedTuple):
    """What is known of an id: an item, or that there was one."""

    item: Item | None
    """None where it was deleted."""


class ItemPage(NamedTuple):
    """Some items of a collection, in the order in which they were made."""

    items: list[Item]
    total: int
    """All that match, on this page or not."""


class ItemSlice(NamedTuple):
    """What one read of a collection found."""

    items: list[Item]
    last: str | None
    """The position of the last item looked at; None where no more follow."""


class ItemFilter(NamedTuple):
    """Which items are wanted."""

    fragments: Sequence[bytes]
    """Bytes that the JSON of each of them has, so that the database leaves others out."""
    matches: Callable[[Item], bool]


def row_of(key: ResourceKey, position: str, item: Item) -> tuple[Any, ...]:
    """Return the row of a new resource, its columns in the order of the table."""
    return (*key, position, write_json(item))


def get_resource(connection: Connection, key: ResourceKey) -> KeptResource | None:
    """Return what is known of an id; None where there never was such a resource."""
    row = connection.execute(select(resources.c.body).where(*_at(key))).first()
    if row is None:
        return None
    return KeptResource(None if row.body is None else read_json(row.body))


def put_resource(connection: Connection, key: ResourceKey, position: str, item: Item) -> None:
    """Keep an item in the place of the one that was there, or as a new one."""
    body = write_json(item)
    changed = connection.execute(update(resources).where(*_at(key)).values(body=body))
    if not changed.rowcount:
        columns = zip(resources.c.keys(), row_of(key, position, item), strict=True)
        connection.execute(insert(resources), dict(columns))


def delete_resource(connection: Connection, key: ResourceKey) -> None:
    """Delete an item, and all that is in collections of its own."""
    connection.execute(update(resources).where(*_at(key)).values(body=None))
    within = f"{key.collection}/{key.id}/"
    # By its characters, as LIKE takes small letters for capitals on SQLite.
    is_inner = func.substr(resources.c.collection, 1, len(within)) == within
    connection.execute(delete(resources).where(resources.c.api == key.api, is_inner))


def list_resources(
    connection: Connection, api: str, collection: str, offset: int, limit: int, *, counts: bool
) -> ItemPage:
    """Return the items from the one at `offset` on, at most `limit` of them.

    Their number is told if it `counts`; else it is that of the items seen.
    """
    items = _items_of(api, collection)
    bodies = select(resources.c.body).where(*items).order_by(resources.c.position)
    page = [read_json(body) for body in connection.scalars(bodies.offset(offset).limit(limit))]
    if not counts:
        return ItemPage(page, offset + len(page))
    total = connection.scalar(select(func.count()).select_from(resources).where(*items))
    return ItemPage(page, total or 0)


def find_position(connection: Connection, key: ResourceKey) -> str | None:
    """Return the place of an item, deleted or not, in its collection; None without one."""
    found: str | None = connection.scalar(select(resources.c.position).where(*_at(key)))
    return found


def count_until(connection: Connection, api: str, collection: str, until: str) -> int:
    """Return the number of items up to a position."""
    items = (*_items_of(api, collection), resources.c.position <= until)
    return connection.scalar(select(func.count()).select_from(resources).where(*items)) or 0


def list_slice(
    connection: Connection,
    api: str,
    collection: str,
    wanted: ItemFilter,
    after: str,
    until: str | None = None,
) -> ItemSlice:
    """Return those of the next items after a position that a filter takes.

    `until`: the last position to look at, which is the end of the collection for None.
    """
    of_items = [*_items_of(api, collection), resources.c.position > after]
    if until is not None:
        of_items.append(resources.c.position <= until)
    found = [has_bytes(connection, resources.c.body, each) for each in wanted.fragments]
    columns = select(resources.c.body, resources.c.position).where(*of_items, *found)
    rows = connection.execute(columns.order_by(resources.c.position).limit(SLICE)).all()
    last = rows[-1].position if len(rows) == SLICE else None
    return ItemSlice([*filter(wanted.matches, (read_json(row[0]) for row in rows))], last)


def _items_of(api: str, collection: str) -> tuple[Any, ...]:
    of_collection = (resources.c.api == api, resources.c.collection == collection)
    return (*of_collection, resources.c.body.is_not(None))


def next_number(connection: Connection, api: str, collection: str) -> int:
    """Return a number that no item of the collection has or had as its id."""
    of_collection = (resources.c.api == api, resources.c.collection == collection)
    by_size = (func.length(resources.c.id).desc(), resources.c.id.desc())
    is_number = func.trim(resources.c.id, "0123456789") == ""
    numbers = select(resources.c.id).where(*of_collection, is_number).order_by(*by_size)
    return int(connection.scalar(numbers.limit(1)) or 0) + 1


def _at(key: ResourceKey) -> tuple[Any, ...]:
    return tuple(resources.c[name] == value for name, value in key._asdict().items())
