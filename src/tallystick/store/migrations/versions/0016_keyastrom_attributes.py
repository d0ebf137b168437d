"""Attributes keep their types and their order, and names may be longer than an index's row."""

from __future__ import annotations

import json
import re
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_LISTS = {"ipAddress", "listenPorts", "dnsNames", "customProperties"}
_OWN = {*_LISTS, "detectedName", "customFavicon", "configUrl", "softwareTechnologies"}
"""Attributes of custom devices beside those that their callers named."""

# A topology could give this name to any text, such as digits that are no number here.
_PORT = re.compile("[0-9]{1,5}")

_BATCH = 1_000
_LONGEST, _KEPT = 250, 200

_entities = sa.table(
    "keyastrom_entities",
    sa.column("id"),
    sa.column("type"),
    sa.column("properties"),
    sa.column("name_folded"),
    sa.column("name_key"),
)
_attributes = sa.table(
    "keyastrom_attributes",
    sa.column("entity_id"),
    sa.column("name"),
    sa.column("name_folded"),
    sa.column("value"),
    sa.column("key"),
    sa.column("kind"),
)


def upgrade() -> None:
    """Show attributes from a column of their entity, and find them by the table as before."""
    op.drop_index("keyastrom_entities_by_name", "keyastrom_entities")
    op.add_column(
        "keyastrom_entities", sa.Column("properties", sa.Text, nullable=False, server_default="{}")
    )
    op.add_column("keyastrom_entities", sa.Column("icon", sa.Text))
    op.add_column(
        "keyastrom_attributes", sa.Column("key", sa.Text, nullable=False, server_default="")
    )
    op.add_column(
        "keyastrom_attributes", sa.Column("kind", sa.Text, nullable=False, server_default="String")
    )
    op.add_column(
        "keyastrom_entities", sa.Column("name_key", sa.Text, nullable=False, server_default="")
    )
    op.create_index(
        "keyastrom_entities_by_name", "keyastrom_entities", ["type", "name_key", "last_seen"]
    )
    connection = op.get_bind()
    _key_names(connection)
    # Types with a colon are written in small letters by the vendor.
    connection.execute(
        sa.update(_entities)
        .where(_entities.c.type.contains(":"))
        .values(type=sa.func.lower(_entities.c.type))
    )
    _rewrite_attributes(connection)


def _key_names(connection: sa.Connection) -> None:
    e = _entities.c
    connection.execute(sa.update(_entities).values(name_key=e.name_folded))
    long = sa.select(e.id, e.name_folded).where(sa.func.length(e.name_folded) > _LONGEST)
    update = sa.update(_entities).where(e.id == sa.bindparam("of"))
    for id_, name in connection.execute(long).all():
        connection.execute(update.values(name_key=_lookup_text(name)), {"of": id_})


def _lookup_text(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return text[:_KEPT] + blake2b(text.encode(), digest_size=16).hexdigest()


def _rewrite_attributes(connection: sa.Connection) -> None:
    a, e = _attributes.c, _entities.c
    found = connection.execute(
        sa.select(a.entity_id, a.name, a.value, e.type)
        .join_from(_attributes, _entities, e.id == a.entity_id)
        .order_by(a.entity_id, a.name)
    ).all()
    connection.execute(sa.delete(_attributes))
    shown, index = [], []
    for id_, rows in groupby(found, itemgetter(0)):
        properties = _properties(list(rows))
        shown.append({"of": id_, "properties": json.dumps(properties)})
        index += _entries(id_, properties)
    update = sa.update(_entities).where(e.id == sa.bindparam("of"))
    update = update.values(properties=sa.bindparam("properties"))
    for start in range(0, len(shown), _BATCH):
        connection.execute(update, shown[start : start + _BATCH])
    for start in range(0, len(index), _BATCH):
        connection.execute(sa.insert(_attributes), index[start : start + _BATCH])


def _properties(rows: list[Any]) -> dict[str, Any]:
    """Return the attributes of one entity; of a device, its caller's own are custom properties."""
    values: dict[str, list[Any]] = {}
    for _, name, value, type_ in rows:
        if type_ == "CUSTOM_DEVICE" and name not in _OWN:
            values.setdefault("customProperties", []).append({"key": name, "value": value})
        else:
            is_port = name == "listenPorts" and _PORT.fullmatch(value)
            values.setdefault(name, []).append(int(value) if is_port else value)
    return {
        name: found if name in _LISTS or len(found) > 1 else found[0]
        for name, found in values.items()
    }


def _entries(id_: str, properties: dict[str, Any]) -> list[dict[str, str]]:
    """Return what selectors find the attributes by, each value once."""
    entries = {}
    for name, value in properties.items():
        kind = "List" if isinstance(value, list) else "String"
        for item in value if isinstance(value, list) else [value]:
            key, text = "", str(item)
            if isinstance(item, dict):
                key, text = item["key"], f"{item['key']}:{item['value']}"
            text = _lookup_text(text)
            entries[name.casefold(), text] = {
                "entity_id": id_,
                "name": name,
                "name_folded": name.casefold(),
                "value": text,
                "key": key,
                "kind": kind,
            }
    return list(entries.values())


def downgrade() -> None:
    """Forget types and order."""
    op.drop_index("keyastrom_entities_by_name", "keyastrom_entities")
    op.drop_column("keyastrom_attributes", "kind")
    op.drop_column("keyastrom_attributes", "key")
    op.drop_column("keyastrom_entities", "name_key")
    op.drop_column("keyastrom_entities", "icon")
    op.drop_column("keyastrom_entities", "properties")
    op.create_index(
        "keyastrom_entities_by_name", "keyastrom_entities", ["type", "name_folded", "last_seen"]
    )
