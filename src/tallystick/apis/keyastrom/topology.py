"""Topologies: entities from an operator, in YAML or JSON.

The contract has the rules, as the schema `Topology`; files are checked by it too.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from typing import Any, NamedTuple

import orjson
import yaml
from sqlalchemy import Connection, select, text

from tallystick.apis.keyastrom import entities, timeframe
from tallystick.apis.keyastrom.entities import Entity
from tallystick.apis.keyastrom.selector import has_unknown_context
from tallystick.apis.keyastrom.tables import entities as table
from tallystick.clock import Clock
from tallystick.contract import document
from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.schema import Schema, to_json_schema
from tallystick.storable_text import is_storable
from tallystick.store import Database
from tallystick.store.slices import SliceSize, write_timed

MAX_DEPTH = 20
"""How deep YAML, and an attribute, may be nested."""

PAUSE_S = 0.02
"""How long an import lets the others write after each transaction: SQLite has no queue."""

_UNSTORABLE = "has a character that can't be stored"
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
_TABLES = ("entities", "tags", "attributes", "relationships", "zones")
_API = "keyastrom"
_SCHEMA = "Topology"


class Imported(NamedTuple):
    """The numbers of new entities and of replaced ones."""

    created: int
    replaced: int


def parse_topology(raw: bytes) -> dict[str, Any]:
    """Return the topology in a text of YAML or JSON; raise `Invalid`."""
    if raw.lstrip().startswith(b"{"):
        # JSON is YAML, and read a hundred times as fast.
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(raw)  # type: ignore[no-any-return]  # it begins as an object
    try:
        _refuse_traps(raw)
        return _with_text_keys(document.parse_yaml(raw, "topology"))  # type: ignore[no-any-return]
    except (yaml.YAMLError, ContractError, ValueError, TypeError) as error:
        raise _invalid("syntax", f"is not YAML: {document.explain_yaml_error(error)}") from None


def read_topology(given: Mapping[str, Any] | bytes, now_ms: int) -> list[Entity]:
    """Return the entities of a topology; raise `Invalid`.

    Bytes are YAML, and are held to the contract's rules here.
    """
    content = _checked(parse_topology(given)) if isinstance(given, bytes) else given
    violations = list(_violations(content))
    if violations:
        raise Invalid(violations)
    return [_entity(item, now_ms) for item in content["entities"]]


def _checked(content: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = _schema()
    if not schema.is_valid(content):
        raise Invalid(schema.violations(content))
    return content


async def load_topology(
    database: Database, clock: Clock, world: Sequence[Entity], progress: Callable[[int], object]
) -> Imported:
    """Import any number of entities in short transactions; `progress` is told how many."""
    now_ms = clock.now_ms()
    size, done, total = SliceSize(), 0, Imported(0, 0)
    while done < len(world):
        part = world[done : done + size.rows]
        put = partial(put_topology, world=part, now_ms=now_ms)
        imported, took_ms = await write_timed(database.write, clock, put)
        size.adapt(took_ms)
        done += len(part)
        total = Imported(total.created + imported.created, total.replaced + imported.replaced)
        progress(len(part))
        await asyncio.sleep(PAUSE_S)
    for name in _TABLES:
        await database.write(partial(analyze, name=name))
        await asyncio.sleep(PAUSE_S)
    return total


def put_topology(connection: Connection, world: Sequence[Entity], now_ms: int) -> Imported:
    """Add or replace entities; without `firstSeen`, their first sight stays as it was."""
    known = _first_seen(connection, [entity.id for entity in world])
    entities.put_entities(connection, (_since(entity, known, now_ms) for entity in world))
    return Imported(len({entity.id for entity in world}) - len(known), len(known))


def put_and_analyze(connection: Connection, world: Sequence[Entity], now_ms: int) -> Imported:
    """Put a topology, and analyze its tables, in one transaction."""
    done = put_topology(connection, world, now_ms)
    for name in _TABLES:
        analyze(connection, name)
    return done


def analyze(connection: Connection, name: str) -> None:
    """Let the database learn the spread of its entities, to plan selections by it."""
    connection.execute(text(f"ANALYZE keyastrom_{name}"))


@cache
def _schema() -> Schema:
    schemas = document.read_api(_API).components["schemas"]
    definitions = {name: to_json_schema(schema) for name, schema in schemas.items()}
    return Schema({"$ref": f"#/$defs/{_SCHEMA}"}, definitions)


def _refuse_traps(raw: bytes) -> None:
    """Refuse a small text of a large meaning, and one too deep for the parser's stack."""
    depth = 0
    for event in yaml.parse(raw, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _invalid("syntax", "must not have aliases")
        if getattr(event, "tag", None) not in (None, "!"):
            raise _invalid("syntax", "must not have tags")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _invalid("depth", f"is nested more than {MAX_DEPTH} levels deep")


def _with_text_keys(value: Any) -> Any:
    """Return the value with texts as keys: `7: Shop` is written with a number, and means text."""
    if isinstance(value, dict):
        return {
            name if isinstance(name, str) else json.dumps(name): _with_text_keys(member)
            for name, member in value.items()
        }
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value


def _violations(content: Mapping[str, Any]) -> Iterator[Violation]:
    for index, item in enumerate(content["entities"]):
        for name in ("firstSeen", "lastSeen"):
            if item.get(name) is not None and not _is_time(item[name]):
                message = "must be milliseconds, an ISO 8601 time, or such as now-2h"
                yield _violation(("entities", index, name), "format", message)
        for number, tag in enumerate(item.get("tags") or ()):
            if has_unknown_context(tag):
                message = "has a context that the vendor does not have"
                yield _violation(("entities", index, "tags", number), "pattern", message)
        yield from find_unstorable(item, ("entities", index))


def _is_time(said: str) -> bool:
    try:
        timeframe.parse_time(said)
    except timeframe.TimeError:
        return False
    return True


def find_unstorable(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Violation]:
    """Yield all values beyond a database or an answer."""
    members: Any = ()
    if isinstance(value, dict):
        if not all(map(is_storable, value)):
            yield _violation(path, "pattern", _UNSTORABLE)
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    elif isinstance(value, str) and not is_storable(value):
        yield _violation(path, "pattern", _UNSTORABLE)
    elif isinstance(value, int) and not _INT64_MIN <= value <= _INT64_MAX:
        yield _violation(path, "format", "must have at most 64 bits")
    if members and len(path) > MAX_DEPTH + 2:
        yield _violation(path, "depth", f"is nested more than {MAX_DEPTH} levels deep")
        return
    for step, member in members:
        yield from find_unstorable(member, (*path, step))


def _entity(item: Mapping[str, Any], now_ms: int) -> Entity:
    given = {name: value for name, value in item.items() if value is not None}
    return Entity(
        given["id"],
        given["type"],
        given.get("name", given["id"]),
        _time(given.get("firstSeen"), now_ms) or 0,
        _time(given.get("lastSeen"), now_ms),
        given.get("tags", ()),
        given.get("attributes", {}),
        given.get("relationships", {}),
        given.get("managementZones", {}),
        given.get("icon"),
    )


def _time(said: str | None, now_ms: int) -> int | None:
    return None if said is None else timeframe.parse_time(said).at(now_ms)


def _first_seen(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    return {
        row.id: row.first_seen
        for batch in entities.batches(ids)
        for row in connection.execute(
            select(table.c.id, table.c.first_seen).where(table.c.id.in_(batch))
        )
    }


def _since(entity: Entity, known: Mapping[str, int], now_ms: int) -> Entity:
    if entity.first_seen_ms:
        return entity
    return entity._replace(first_seen_ms=known.get(entity.id, now_ms))


def _invalid(keyword: str, message: str) -> Invalid:
    return Invalid([_violation((), keyword, message)])


def _violation(path: tuple[str | int, ...], keyword: str, message: str) -> Violation:
    return Violation("body", str(path[0]) if path else "", keyword, None, message, path)
