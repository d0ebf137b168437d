"""Resources in the database: read, and written within the transaction of their event."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    LargeBinary,
    Select,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from tallystick.apis.generic.item_path import ItemPath
from tallystick.apis.generic.tables import resources
from tallystick.contract.json_text import read_json, write_json
from tallystick.store import has_bytes

Item = Mapping[str, Any]

MAX_LISTED = 1_000
"""Items that one answer lists."""

PAGE_BYTES = 8 * 1024 * 1024
"""JSON of the items in one answer, unless its first item alone has more."""

FETCHED_AT_ONCE = 8
"""Items to fetch from the database at a time."""

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
    has_more: bool = False
    """Whether others follow; of a page before an item, whether there are earlier ones."""
    last: str = ""
    """The position of the last one."""
    before: int = 0
    """Those that match before the page; from a cursor on, if they were counted."""
    total: int = 0
    """All that match, on this page or not, if they were counted."""
    last_values: Sequence[Any] | None = None
    """The values by which the last one has its place, in an order of the caller's."""


class PlacedItem(NamedTuple):
    """An item, and its place among all others."""

    position: str
    item: Item
    size: int
    """Bytes of its JSON."""


class ItemSlice(NamedTuple):
    """What one read of a collection found."""

    items: list[PlacedItem]
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


def delete_resource(connection: Connection, key: ResourceKey, within: str) -> None:
    """Delete an item, and all that is in collections of its own: their paths begin by `within`."""
    connection.execute(update(resources).where(*_at(key)).values(body=None))
    # By its characters, as LIKE takes small letters for capitals on SQLite.
    is_inner = func.substr(resources.c.collection, 1, len(within)) == within
    connection.execute(delete(resources).where(resources.c.api == key.api, is_inner))


def delete_at(
    connection: Connection, api: str, collection: str, positions: Sequence[str], path: ItemPath
) -> None:
    """Delete the items at some positions, and all that is in collections of their own."""
    at_them = (*_items_of(api, collection), resources.c.position.in_(positions))
    ids = connection.scalars(select(resources.c.id).where(*at_them)).all()
    connection.execute(update(resources).where(*at_them).values(body=None))
    stem = f"{path.item_at(collection.rstrip('/'), '')}".removesuffix(path.after)
    of_api = resources.c.api == api
    is_near = func.substr(resources.c.collection, 1, len(stem)) == stem
    near = connection.scalars(select(resources.c.collection).where(of_api, is_near).distinct())
    owners = {path.within(collection, each) for each in ids}
    inner = [each for each in near if any(begin in owners for begin in _beginnings(each))]
    for start in range(0, len(inner), SLICE):
        found = resources.c.collection.in_(inner[start : start + SLICE])
        connection.execute(delete(resources).where(of_api, found))


def _beginnings(collection: str) -> Iterator[str]:
    """Yield the beginnings of a path up to each of its slashes."""
    return (collection[: place + 1] for place, sign in enumerate(collection) if sign == "/")


def page_of(found: Sequence[PlacedItem], limit: int, before: int = 0, total: int = 0) -> ItemPage:
    """Return the page of the first items, at most `limit` of them and `PAGE_BYTES`.

    One more tells of others.
    """
    page = found[: count_fitting([each.size for each in found], limit)]
    last = page[-1].position if page else ""
    has_more = len(found) > len(page)
    return ItemPage([each.item for each in page], has_more, last, before, total)


def count_fitting(sizes: Sequence[int], limit: int) -> int:
    """Return how many of the first items a page takes, by the bytes of each."""
    fitting = sum(1 for size in accumulate(sizes[:limit]) if size <= PAGE_BYTES)
    return min(max(fitting, 1), limit)


def is_full(found: Sequence[PlacedItem]) -> bool:
    """Return whether items are more than a page takes: a long one alone is a page still."""
    return len(found) > 1 and sum(each.size for each in found) > PAGE_BYTES


def _until_full(connection: Connection, statement: Select[Any]) -> Iterator[PlacedItem]:
    """Yield the items of a statement that a page takes, and the next ones, two at most."""
    size = 0
    in_parts = statement.execution_options(yield_per=FETCHED_AT_ONCE)
    with connection.execute(in_parts) as rows:
        for position, body in rows:
            yield PlacedItem(position, read_json(body), len(body))
            if size > PAGE_BYTES:
                return
            size += len(body)


def list_resources(
    connection: Connection,
    api: str,
    collection: str,
    after: str,
    offset: int,
    limit: int,
    *,
    counts: bool,
) -> ItemPage:
    """Return at most `limit` items after a position, without the first ones up to `offset`."""
    items = _items_of(api, collection)
    columns = select(resources.c.position, resources.c.body)
    later = columns.where(*items, resources.c.position > after).order_by(resources.c.position)
    page = [*_until_full(connection, later.offset(offset).limit(limit + 1))]
    if not counts:
        return page_of(page, limit, offset)
    count = select(func.count()).select_from(resources).where(*items)
    before = connection.scalar(count.where(resources.c.position <= after)) if after else 0
    return page_of(page, limit, (before or 0) + offset, connection.scalar(count) or 0)


def find_position(
    connection: Connection, key: ResourceKey, *, with_item: bool = False
) -> tuple[str, Item | None] | None:
    """Return the position of an item, deleted or not; None without one.

    The item is beside it if it is asked for, and still there.
    """
    body = resources.c.body if with_item else null()
    row = connection.execute(select(resources.c.position, body).where(*_at(key))).first()
    if row is None:
        return None
    return row[0], None if row[1] is None else read_json(row[1])


def items_at(
    connection: Connection, api: str, collection: str, positions: Sequence[str]
) -> list[Item]:
    """Return the items at some positions, in the order of these, without deleted ones."""
    columns = select(resources.c.position, resources.c.body)
    rows = columns.where(*_items_of(api, collection), resources.c.position.in_(positions))
    found = {position: read_json(body) for position, body in connection.execute(rows)}
    return [found[each] for each in positions if each in found]


def list_slice(
    connection: Connection,
    api: str,
    collection: str,
    wanted: ItemFilter,
    start: str,
    *,
    backwards: bool = False,
) -> ItemSlice:
    """Return those of the next items after a position that a filter takes, or before it."""
    position = resources.c.position
    is_beyond = position < start if backwards else position > start
    of_items = (*_items_of(api, collection), is_beyond)
    fragments = (literal(each, LargeBinary) for each in wanted.fragments)
    found = [has_bytes(connection.dialect.name, resources.c.body, each) for each in fragments]
    columns = select(resources.c.position, resources.c.body).where(*of_items, *found)
    order = position.desc() if backwards else position
    placed = [*_until_full(connection, columns.order_by(order).limit(SLICE))]
    last = placed[-1].position if len(placed) == SLICE or is_full(placed) else None
    return ItemSlice([each for each in placed if wanted.matches(each.item)], last)


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
