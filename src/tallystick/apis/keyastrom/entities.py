"""Monitored entities: the environment, and those of a world."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete, select

from tallystick.apis.keyastrom.attribute_index import index_attributes, lookup_text
from tallystick.apis.keyastrom.selector import tag_text, tag_value, type_name
from tallystick.apis.keyastrom.tables import attributes, entities, relationships, tags, zones
from tallystick.store.sql import insert_new


class Entity(NamedTuple):
    """One monitored entity.

    `tags` are written as selectors write them; `attributes` are JSON values; `relationships` lead
    from this entity to the IDs of others; without `last_seen_ms` it stays in sight always;
    `zones` maps IDs to names; without `icon` it has the icon of its type.
    """

    id: str
    type: str
    name: str
    first_seen_ms: int = 0
    last_seen_ms: int | None = None
    tags: Sequence[str] = ()
    attributes: Mapping[str, Any] = {}
    relationships: Mapping[str, Sequence[str]] = {}
    zones: Mapping[str, str] = {}
    icon: Mapping[str, str] | None = None


ENVIRONMENT = Entity("ENVIRONMENT-0000000000000001", "ENVIRONMENT", "Tallystick")
"""What an event without a selector is bound to."""

_HOST_GROUP = Entity("HOST_GROUP-C10DB0125700C105", "HOST_GROUP", "cloud-burst-hosts")

DEV_WORLD = (
    _HOST_GROUP,
    *(
        Entity(
            f"HOST-C10DB0125700000{number}",
            "HOST",
            f"cloud-burst-{number}",
            tags=["stage:dev"],
            attributes={"osType": "LINUX"},
            relationships={"isInstanceOf": [_HOST_GROUP.id]},
        )
        for number in (1, 2)
    ),
    Entity(
        "SERVICE-B00C1265E0000001",
        "SERVICE",
        "BookingService",
        tags=["stage:dev"],
        relationships={"runsOnHost": ["HOST-C10DB01257000001"]},
    ),
)
"""The entities that the seed page's examples speak of."""


_BATCH = 1_000
"""IDs in one statement; SQLite takes 32,766 at most."""


def add_entities(connection: Connection, world: Iterable[Entity]) -> None:
    """Add entities with all their parts; existing ones stay as they are."""
    world = list(world)
    for table, rows in (
        (entities, [_row(entity) for entity in world]),
        (tags, [row for entity in world for row in _tags(entity)]),
        (attributes, [row for entity in world for row in _attributes(entity)]),
        (relationships, [row for entity in world for row in _relationships(entity)]),
        (zones, [row for entity in world for row in _zones(entity)]),
    ):
        _insert(connection, table, rows)


def put_entities(connection: Connection, world: Iterable[Entity]) -> None:
    """Add entities; replace existing ones with all their parts."""
    latest = {entity.id: entity for entity in world}
    for batch in batches(list(latest)):
        ids = find_present(connection, batch)
        for column in (
            entities.c.id,
            tags.c.entity_id,
            attributes.c.entity_id,
            relationships.c.from_id,
            zones.c.entity_id,
        ):
            if ids:
                connection.execute(delete(column.table).where(column.in_(ids)))
    add_entities(connection, latest.values())


def find_present(connection: Connection, ids: Sequence[str]) -> Sequence[str]:
    """Return those IDs of one batch that are there."""
    return connection.scalars(select(entities.c.id).where(entities.c.id.in_(ids))).all()


def find_entities(connection: Connection, ids: Sequence[str]) -> dict[str, Entity]:
    """Return the existing entities of these IDs, by ID."""
    return {e.id: e for batch in batches(ids) for e in _found(connection, batch)}


def _found(connection: Connection, ids: Sequence[str]) -> Iterator[Entity]:
    own_tags, leading, within = _belongings(connection, ids)
    for row in connection.execute(select(entities).where(entities.c.id.in_(ids))):
        yield Entity(
            row.id,
            row.type,
            row.name,
            row.first_seen,
            row.last_seen,
            own_tags[row.id],
            json.loads(row.properties),
            leading[row.id],
            within[row.id],
            json.loads(row.icon) if row.icon else None,
        )


def _belongings(connection: Connection, ids: Sequence[str]) -> tuple[Any, Any, Any]:
    """Return tags, relationships and zones of each entity."""
    own_tags: Any = defaultdict(list)
    leading: Any = defaultdict(lambda: defaultdict(list))
    within: Any = defaultdict(dict)
    for row in connection.execute(select(tags).where(tags.c.entity_id.in_(ids))):
        own_tags[row.entity_id].append(tag_text(row.context, row.key, row.value))
    for row in connection.execute(select(relationships).where(relationships.c.from_id.in_(ids))):
        leading[row.from_id][row.name].append(row.to_id)
    for row in connection.execute(select(zones).where(zones.c.entity_id.in_(ids))):
        within[row.entity_id][row.id] = row.name
    return own_tags, leading, within


def batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the IDs in parts for one statement each."""
    return (ids[i : i + _BATCH] for i in range(0, len(ids), _BATCH))


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert_new(connection, table), rows)


def _row(entity: Entity) -> dict[str, Any]:
    return {
        "id": entity.id,
        "type": type_name(entity.type),
        "name": entity.name,
        "name_folded": entity.name.casefold(),
        "name_key": lookup_text(entity.name.casefold()),
        "first_seen": entity.first_seen_ms,
        "last_seen": entity.last_seen_ms,
        "properties": json.dumps(dict(entity.attributes)),
        "icon": None if entity.icon is None else json.dumps(dict(entity.icon)),
    }


def _tags(entity: Entity) -> list[dict[str, Any]]:
    return [{**tag_value(tag)._asdict(), "entity_id": entity.id} for tag in entity.tags]


def _attributes(entity: Entity) -> list[dict[str, Any]]:
    return [
        {**entry._asdict(), "entity_id": entity.id} for entry in index_attributes(entity.attributes)
    ]


def _relationships(entity: Entity) -> list[dict[str, Any]]:
    return [
        {"name": name, "name_folded": name.casefold(), "from_id": entity.id, "to_id": to_id}
        for name, ids in entity.relationships.items()
        for to_id in ids
    ]


def _zones(entity: Entity) -> list[dict[str, Any]]:
    return [{"id": id_, "name": name, "entity_id": entity.id} for id_, name in entity.zones.items()]
