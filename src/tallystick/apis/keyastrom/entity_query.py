"""Entities as they are listed: found by a selector, with the wanted fields."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

from sqlalchemy import Connection, Select, func, select, tuple_

from tallystick.apis.keyastrom import selector, selector_sql
from tallystick.apis.keyastrom.selector import tag_text
from tallystick.apis.keyastrom.tables import entities, relationships, tags, zones

Shown = dict[str, Any]
ByEntity = Mapping[str, Any]

_COLUMNS = (
    entities.c.id,
    entities.c.type,
    entities.c.name,
    entities.c.name_folded,
    entities.c.first_seen,
    entities.c.last_seen,
    entities.c.properties,
    entities.c.icon,
)


class EntityPosition(NamedTuple):
    """The end of a page; `name_folded` is empty unless pages are sorted by it."""

    name_folded: str
    id: str


class Fields(NamedTuple):
    """The fields to show beside ID, type and name: of some, only certain members."""

    wanted: frozenset[str]

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """Read ``+tags,+properties.osType``; a `+` without percent-encoding is a space."""
        return cls(frozenset(part.strip(" +") for part in (text or "").split(",")) - {""})

    def has(self, field: str) -> bool:
        """Return whether at least a part of the field is to be shown."""
        return any(name.partition(".")[0] == field for name in self.wanted)

    def picked(self, field: str, members: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of a field to be shown."""
        if field in self.wanted:
            return dict(members)
        return {name: members[name] for name in members if f"{field}.{name}" in self.wanted}


ALL = Fields(
    frozenset(
        {
            "firstSeenTms",
            "lastSeenTms",
            "icon",
            "properties",
            "tags",
            "managementZones",
            "fromRelationships",
            "toRelationships",
        }
    )
)


@dataclass(frozen=True, slots=True)
class EntityQuery:
    """A list of entities: selected ones, seen some time from `from_ms` to `to_ms`."""

    selector: str
    from_ms: int
    to_ms: int
    fields: str | None
    sort: str
    """``name``, ``-name``, or empty for the order of the IDs."""
    page_size: int
    position: ClassVar = (str, str)

    def page(
        self, connection: Connection, now_ms: int, after: Sequence[Any] | None
    ) -> tuple[list[Shown], EntityPosition | None]:
        """Return some entities, and their end if more follow."""
        statement, parameters = self._statement(now_ms)
        statement = self._after(statement, after).order_by(*self._order())
        rows = connection.execute(statement.limit(self.page_size + 1), parameters).all()
        page, last = rows[: self.page_size], rows[self.page_size - 1 : self.page_size]
        ends = [self._place(row) for row in last if len(rows) > self.page_size]
        return to_json(connection, page, Fields.parse(self.fields), now_ms), ends[
            0
        ] if ends else None

    def count(self, connection: Connection, now_ms: int) -> int:
        """Return the number of entities on all pages."""
        statement, parameters = self._statement(now_ms)
        counted = statement.with_only_columns(func.count(), maintain_column_froms=True)
        return connection.execute(counted, parameters).scalar_one()

    def _statement(self, now_ms: int) -> tuple[Select[Any], dict[str, int]]:
        selected = selector_sql.matching(selector.parse_selector(self.selector))
        statement = selected.statement.with_only_columns(*_COLUMNS).order_by(None)
        statement = statement.where(entities.c.first_seen <= self.to_ms)
        return statement, selected.parameters(now_ms, self.from_ms)

    def _after(self, statement: Select[Any], after: Sequence[Any] | None) -> Select[Any]:
        if after is None:
            return statement
        here, there = tuple_(entities.c.name_folded, entities.c.id), tuple_(*after)
        if self.sort == "name":
            return statement.where(here > there)
        if self.sort == "-name":
            return statement.where(here < there)
        return statement.where(entities.c.id > EntityPosition(*after).id)

    def _order(self) -> Sequence[Any]:
        name, id_ = entities.c.name_folded, entities.c.id
        return {"name": (name, id_), "-name": (name.desc(), id_.desc())}.get(self.sort, (id_,))

    def _place(self, row: Any) -> EntityPosition:
        return EntityPosition(row.name_folded if self.sort else "", row.id)


def get_entity(connection: Connection, id_: str, fields: Fields, now_ms: int) -> Shown | None:
    """Return the entity of that ID, whenever it was seen; None if there is none."""
    rows = connection.execute(select(*_COLUMNS).where(entities.c.id == id_)).all()
    return next(iter(to_json(connection, rows, fields, now_ms)), None)


def to_json(
    connection: Connection, rows: Sequence[Any], fields: Fields, now_ms: int
) -> list[Shown]:
    """Return entities in the shape of the vendor's answers."""
    ids = [row.id for row in rows]
    read = {name: of(connection, ids) for name, of in _READERS.items() if fields.has(name)}
    return [_shown(row, fields, read, now_ms) for row in rows]


def _shown(row: Any, fields: Fields, read: Mapping[str, ByEntity], now_ms: int) -> Shown:
    own = {
        "firstSeenTms": row.first_seen,
        # An entity that never goes out of sight is seen now.
        "lastSeenTms": now_ms if row.last_seen is None else row.last_seen,
        "icon": json.loads(row.icon) if row.icon else _icon_of(row.type),
    }
    entity = {"entityId": row.id, "type": row.type, "displayName": row.name}
    entity |= {name: value for name, value in own.items() if fields.has(name)}
    if fields.has("properties"):
        entity["properties"] = fields.picked("properties", json.loads(row.properties))
    for name, found in read.items():
        value = found.get(row.id, {} if name in _BY_NAME else [])
        entity[name] = fields.picked(name, value) if name in _BY_NAME else value
    return entity


def _icon_of(type_: str) -> dict[str, str]:
    return {"primaryIconType": type_.lower().replace("_", "-")}


def tags_of(connection: Connection, ids: Collection[str]) -> ByEntity:
    """Return the tags of each entity."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in connection.execute(select(tags).where(tags.c.entity_id.in_(ids))):
        found[row.entity_id].append(show_tag(row.context, row.key, row.value))
    return found


def show_tag(context: str, key: str, value: str) -> dict[str, str]:
    """Return a tag in the shape of the vendor's answers."""
    tag = {"context": context, "key": key, "stringRepresentation": tag_text(context, key, value)}
    return {**tag, "value": value} if value else tag


def zones_of(connection: Connection, ids: Collection[str]) -> ByEntity:
    """Return the management zones of each entity."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in connection.execute(select(zones).where(zones.c.entity_id.in_(ids))):
        found[row.entity_id].append({"id": row.id, "name": row.name})
    return found


def _from_relationships_of(connection: Connection, ids: Collection[str]) -> ByEntity:
    return _related(connection, ids, "from_id", "to_id")


def _to_relationships_of(connection: Connection, ids: Collection[str]) -> ByEntity:
    return _related(connection, ids, "to_id", "from_id")


def _related(connection: Connection, ids: Collection[str], here: str, there: str) -> ByEntity:
    near, far = relationships.c[here], relationships.c[there]
    # What leads to an entity that nobody has loaded leads nowhere.
    statement = (
        select(near.label("near"), relationships.c.name, entities.c.id, entities.c.type)
        .join_from(relationships, entities, entities.c.id == far)
        .where(near.in_(ids))
        .order_by(entities.c.id)
    )
    found: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(statement):
        found[row.near][row.name].append({"id": row.id, "type": row.type})
    return found


_READERS = {
    "tags": tags_of,
    "managementZones": zones_of,
    "fromRelationships": _from_relationships_of,
    "toRelationships": _to_relationships_of,
}
_BY_NAME = frozenset({"fromRelationships", "toRelationships"})
