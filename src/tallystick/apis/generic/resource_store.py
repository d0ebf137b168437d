"""Resources in the database: read, and written within the transaction of their event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from tallystick.apis.generic.tables import resources
from tallystick.contract.json_text import read_json, write_json

Item = Mapping[str, Any]

MAX_LISTED = 1_000
"""Items that one answer lists."""

FETCHED_AT_ONCE = 100


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
    inner = resources.c.collection.startswith(f"{key.collection}/{key.id}/", autoescape=True)
    connection.execute(delete(resources).where(resources.c.api == key.api, inner))


def list_resources(
    connection: Connection,
    api: str,
    collection: str,
    matches: Callable[[Item], bool] | None,
    offset: int,
    limit: int,
) -> ItemPage:
    """Return the items that match, from the one at `offset` on, at most `limit` of them.

    All items are read to be matched; without `matches` the page alone is.
    """
    condition = (
        resources.c.api == api,
        resources.c.collection == collection,
        resources.c.body.is_not(None),
    )
    bodies = select(resources.c.body).where(*condition).order_by(resources.c.position)
    if matches is None:
        total = connection.scalar(select(func.count()).select_from(resources).where(*condition))
        page = connection.scalars(bodies.offset(offset).limit(limit))
        return ItemPage([read_json(body) for body in page], total or 0)
    return _matching_page(connection, bodies, matches, offset, limit)


def _matching_page(
    connection: Connection,
    bodies: Select[bytes],
    matches: Callable[[Item], bool],
    offset: int,
    limit: int,
) -> ItemPage:
    page: list[Item] = []
    total = 0
    with connection.scalars(bodies, execution_options={"yield_per": FETCHED_AT_ONCE}) as rows:
        for body in rows:
            item = read_json(body)
            if not matches(item):
                continue
            if offset <= total < offset + limit:
                page.append(item)
            total += 1
    return ItemPage(page, total)


def next_number(connection: Connection, api: str, collection: str) -> int:
    """Return a number that no item of the collection has or had as its id."""
    of_collection = (resources.c.api == api, resources.c.collection == collection)
    by_size = (func.length(resources.c.id).desc(), resources.c.id.desc())
    is_number = func.trim(resources.c.id, "0123456789") == ""
    numbers = select(resources.c.id).where(*of_collection, is_number).order_by(*by_size)
    return int(connection.scalar(numbers.limit(1)) or 0) + 1


def _at(key: ResourceKey) -> tuple[Any, ...]:
    return tuple(resources.c[name] == value for name, value in key._asdict().items())
