"""The types of existing entities, with the attributes and relationships of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection, func, select

from tallystick.apis.keyastrom.selector import type_name
from tallystick.apis.keyastrom.tables import attributes, entities, relationships

_TYPES = select(entities.c.type).distinct()


@dataclass(frozen=True, slots=True)
class EntityTypeQuery:
    """All types, by name."""

    page_size: int
    position: ClassVar = (str,)

    def page(
        self, connection: Connection, _now_ms: int, after: Sequence[Any] | None
    ) -> tuple[list[dict[str, Any]], Sequence[Any] | None]:
        """Return some types, and their end if more follow."""
        statement = _TYPES.order_by(entities.c.type).limit(self.page_size + 1)
        if after is not None:
            statement = statement.where(entities.c.type > after[0])
        found = list(connection.scalars(statement))
        page, has_more = found[: self.page_size], len(found) > self.page_size
        return to_json(connection, page), [page[-1]] if has_more else None

    def count(self, connection: Connection, _now_ms: int) -> int:
        """Return the number of types."""
        return connection.execute(select(func.count()).select_from(_TYPES.subquery())).scalar_one()


def get_entity_type(connection: Connection, name: str) -> dict[str, Any] | None:
    """Return the type of that name, if there is an entity of it."""
    found = list(connection.scalars(_TYPES.where(entities.c.type == type_name(name))))
    return next(iter(to_json(connection, found)), None)


def to_json(connection: Connection, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return types in the shape of the vendor's answers."""
    properties = _properties(connection, names)
    leading = _ends(connection, names, "from_id", "to_id")
    led_to = _ends(connection, names, "to_id", "from_id")
    return [
        {
            "type": name,
            "dimensionKey": f"dt.entity.{name.lower()}",
            "displayName": name.replace("_", " ").capitalize(),
            "entityLimitExceeded": False,
            "properties": [
                {"id": id_, "type": kind, "displayName": id_}
                for id_, kind in properties[name].items()
            ],
            "tags": "List",
            "managementZones": "List",
            "fromRelationships": [
                {"id": id_, "toTypes": types} for id_, types in leading[name].items()
            ],
            "toRelationships": [
                {"id": id_, "fromTypes": types} for id_, types in led_to[name].items()
            ],
        }
        for name in names
    ]


def _properties(connection: Connection, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return, by type, its attributes and the kind of each."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    statement = (
        select(entities.c.type, attributes.c.name, attributes.c.kind)
        .join_from(attributes, entities, entities.c.id == attributes.c.entity_id)
        .where(entities.c.type.in_(names))
        .distinct()
        .order_by(attributes.c.name, attributes.c.kind)
    )
    for type_, name, kind in connection.execute(statement):
        found[type_][name] = kind
    return found


def _ends(
    connection: Connection, names: Sequence[str], here: str, there: str
) -> dict[str, dict[str, list[str]]]:
    """Return, by type and relationship, the types at its other end."""
    near, far = entities.alias(), entities.alias()
    statement = (
        select(near.c.type, relationships.c.name, far.c.type)
        .join_from(relationships, near, near.c.id == relationships.c[here])
        .join(far, far.c.id == relationships.c[there])
        .where(near.c.type.in_(names))
        .distinct()
        .order_by(relationships.c.name, far.c.type)
    )
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for type_, name, other in connection.execute(statement):
        found[type_][name].append(other)
    return found
