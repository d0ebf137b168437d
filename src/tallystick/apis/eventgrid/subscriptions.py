"""Subscriptions: which events of a channel go to which targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tallystick.apis.eventgrid import channels, filters, quotas
from tallystick.apis.eventgrid import sources as event_sources
from tallystick.apis.eventgrid.problems import (
    BadValue,
    InvalidChannel,
    InvalidFilter,
    InvalidTarget,
    NameDuplicated,
)
from tallystick.apis.eventgrid.tables import subscriptions
from tallystick.apis.eventgrid.texts import to_json
from tallystick.apis.eventgrid.times import utc
from tallystick.chance import uuid4
from tallystick.contract.problem import NotFound

ENABLED = "ENABLED"
DISABLED = "DISABLED"

MAX_FILTER = 2048
MAX_DETAIL = 1024
"""Bytes of JSON."""

_OPERATIONS: Mapping[str, str] = {"ENABLE": ENABLED, "DISABLE": DISABLED}

Subscription = Mapping[str, Any]


class Listener(NamedTuple):
    """An enabled subscription, as far as events ask for it."""

    id: str
    name: str
    filter: Mapping[str, Any]


def of_project(connection: Connection, project: str) -> list[Subscription]:
    """All subscriptions of a project."""
    names = {channel["id"]: channel["name"] for channel in channels.of_project(connection, project)}
    return [_shown(row, names) for row in _rows(connection, project)]


def find(connection: Connection, project: str, id_: str) -> Subscription:
    """The subscription of that id; raises `NotFound`."""
    for subscription in of_project(connection, project):
        if subscription["id"] == id_:
            return subscription
    raise NotFound("There is no such subscription.")


def listeners(connection: Connection, project: str, channel_id: str) -> list[Listener]:
    """The enabled subscriptions of a channel."""
    return [
        Listener(row.id, row.name, orjson.loads(row.sources)[0]["filter"])
        for row in _rows(connection, project)
        if row.status == ENABLED and _channel_id(row) == channel_id
    ]


def create(
    connection: Connection, project: str, body: Mapping[str, Any], now_ms: int
) -> Subscription:
    """A new subscription, enabled.

    Raises `InvalidChannel`, `NameDuplicated`, `QuotaReached`, `InvalidFilter`, `InvalidTarget`.
    """
    channel_id = body["channel_id"]
    if all(c["id"] != channel_id for c in channels.of_project(connection, project)):
        raise InvalidChannel
    values = {
        "id": str(uuid4()),
        "project": project,
        "name": body["name"],
        "description": body.get("description") or "",
        "channel_id": None if channel_id == channels.default_id(project) else channel_id,
        "status": ENABLED,
        "sources": _sources(connection, project, channel_id, body["sources"], now_ms),
        "targets": _targets(body["targets"], now_ms),
        "created": now_ms,
        "updated": now_ms,
    }
    try:
        connection.execute(insert(subscriptions).values(values))
    except IntegrityError:
        raise NameDuplicated from None
    quotas.take(connection, project, quotas.SUBSCRIPTION)
    return find(connection, project, values["id"])


def change(
    connection: Connection, project: str, id_: str, body: Mapping[str, Any], now_ms: int
) -> Subscription:
    """The subscription with what is given in place of what it had; raises as `create` does."""
    channel_id = find(connection, project, id_)["channel_id"]
    values: dict[str, Any] = {"updated": now_ms}
    if body.get("description") is not None:
        values["description"] = body["description"]
    if body.get("sources") is not None:
        values["sources"] = _sources(connection, project, channel_id, body["sources"], now_ms)
    if body.get("targets") is not None:
        values["targets"] = _targets(body["targets"], now_ms)
    connection.execute(update(subscriptions).where(subscriptions.c.id == id_).values(values))
    return find(connection, project, id_)


def remove(connection: Connection, project: str, id_: str) -> None:
    """Delete a subscription; raises `NotFound`."""
    find(connection, project, id_)
    removed = connection.execute(delete(subscriptions).where(subscriptions.c.id == id_))
    if not removed.rowcount:  # another process was faster
        raise NotFound("There is no such subscription.")
    quotas.give_back(connection, project, quotas.SUBSCRIPTION)


def operate(
    connection: Connection, project: str, operation: str, ids: Sequence[str], now_ms: int
) -> list[str]:
    """Enable or disable; returns the ids that the project does not have."""
    known = {row.id for row in _rows(connection, project)}
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id.in_(known.intersection(ids)))
        .values(status=_OPERATIONS[operation], updated=now_ms)
    )
    return [id_ for id_ in ids if id_ not in known]


def _sources(
    connection: Connection,
    project: str,
    channel_id: str,
    given: Sequence[Mapping[str, Any]],
    now_ms: int,
) -> str:
    names = event_sources.names_in(connection, project, channel_id)
    for index, source in enumerate(given):
        if source["name"] not in names:
            raise BadValue(f"sources.{index}.name is no source of the channel")
        if _size(source["filter"]) > MAX_FILTER:
            raise InvalidFilter(f"a filter has {MAX_FILTER} bytes at most")
        filters.refuse_unreadable(source["filter"])
        _refuse_large_detail(source, f"sources.{index}.detail")
    return to_json([_identified(source, now_ms) for source in given])


def _targets(given: Sequence[Mapping[str, Any]], now_ms: int) -> str:
    for index, target in enumerate(given):
        _refuse_large_detail(target, f"targets.{index}.detail")
        _refuse_bad_address(target["detail"]["url"])
        _refuse_bad_transform(target["transform"], f"targets.{index}.transform")
    return to_json([_identified(target, now_ms) for target in given])


def _identified(part: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    given = {name: value for name, value in part.items() if value is not None}
    times = {"created_time": utc(now_ms), "updated_time": utc(now_ms)}
    return {"id": str(uuid4()), **given, **times}


def _refuse_large_detail(part: Mapping[str, Any], where: str) -> None:
    if _size(part.get("detail")) > MAX_DETAIL:
        raise BadValue(f"{where} has {MAX_DETAIL} bytes at most")


def _size(value: Any) -> int:
    return len(to_json(value).encode())


def _refuse_bad_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise InvalidTarget("the url can't be read") from None
    if not is_good or not url.isascii() or any(character <= " " for character in url):
        raise InvalidTarget("the url is not one of http or https")
    if parts.username or parts.password:
        raise InvalidTarget("the url holds a credential, which would be kept in clear")


def _refuse_bad_transform(transform: Mapping[str, Any], where: str) -> None:
    type_ = transform["type"]
    if type_ == "CONSTANT" and not transform.get("value"):
        raise BadValue(f"{where}.value is missing")
    if type_ == "VARIABLE":
        if not transform.get("template"):
            raise BadValue(f"{where}.template is missing")
        if not _are_variables(transform.get("value") or ""):
            raise BadValue(f"{where}.value must be a JSON object of texts, in a text")


def _are_variables(text: str) -> bool:
    try:
        variables = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return isinstance(variables, dict) and all(isinstance(v, str) for v in variables.values())


def _channel_id(row: Row[Any]) -> str:
    found: str = row.channel_id or channels.default_id(row.project)
    return found


def _shown(row: Row[Any], channel_names: Mapping[str, str]) -> Subscription:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "type": "EVENT",
        "status": row.status,
        "channel_id": _channel_id(row),
        "channel_name": channel_names[_channel_id(row)],
        "used": [],
        "sources": orjson.loads(row.sources),
        "targets": orjson.loads(row.targets),
        "created_time": utc(row.created),
        "updated_time": utc(row.updated),
    }


def _rows(connection: Connection, project: str) -> list[Row[Any]]:
    found = select(subscriptions).where(subscriptions.c.project == project)
    return list(connection.execute(found))
