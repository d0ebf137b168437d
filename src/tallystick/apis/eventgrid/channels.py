"""Channels: a project's own, and the official one of every project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson
from sqlalchemy import Connection, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from tallystick.apis.eventgrid import quotas
from tallystick.apis.eventgrid.exceptions import (
    BadValue,
    InvalidChannel,
    NameDuplicated,
    NotModifiable,
)
from tallystick.apis.eventgrid.tables import channels, sources, subscriptions
from tallystick.apis.eventgrid.texts import to_json
from tallystick.contract.exceptions import NotFound
from tallystick.randomness import uuid4
from tallystick.times import format_utc

CUSTOM = "CUSTOM"
OFFICIAL = "OFFICIAL"
DEFAULT = "default"

ANY_ENTERPRISE_PROJECT = "all_granted_eps"

MAX_POLICY = 4096
"""Bytes of JSON."""

OFFICIAL_SINCE_MS = 1_640_995_200_000
"""2022-01-01: the official channel is older than any project."""

Channel = Mapping[str, Any]


def default_channel(project: str) -> Channel:
    """Return the official channel; it is stored nowhere, and stays as it is."""
    return {
        "id": default_channel_id(project),
        "name": DEFAULT,
        "description": "Events of cloud services.",
        "provider_type": OFFICIAL,
        "created_time": format_utc(OFFICIAL_SINCE_MS),
        "updated_time": format_utc(OFFICIAL_SINCE_MS),
        "enterprise_project_id": "0",
    }


def default_channel_id(project: str) -> str:
    """Return the id of a project's official channel."""
    return str(uuid5(NAMESPACE_URL, f"eventgrid/{project}/{DEFAULT}"))


def list_channels(connection: Connection, project: str) -> list[Channel]:
    """Return all channels of a project, oldest first."""
    found = select(channels).where(channels.c.project == project)
    rows = connection.execute(found.order_by(channels.c.created, channels.c.id))
    return [default_channel(project), *(_shown(row) for row in rows)]


def get_channel(
    connection: Connection, project: str, id_: str, enterprise_project: str | None = None
) -> Channel:
    """Return the channel of this id, in the enterprise project if one is given.

    Raise `NotFound`.
    """
    for channel in list_channels(connection, project):
        if channel["id"] == id_ and is_of_enterprise_project(channel, enterprise_project):
            return channel
    raise NotFound("There is no such channel.")


def is_of_enterprise_project(channel: Channel, enterprise_project: str | None) -> bool:
    """Return whether the channel is in the enterprise project, if one is given."""
    own: str = channel["enterprise_project_id"]
    return enterprise_project in (None, own, ANY_ENTERPRISE_PROJECT)


def get_custom_channel(connection: Connection, project: str, id_: str) -> Channel:
    """Return the project's own channel of this id; raise `InvalidChannel`."""
    for channel in list_channels(connection, project):
        if channel["id"] == id_ and channel["provider_type"] == CUSTOM:
            return channel
    raise InvalidChannel


def create_channel(
    connection: Connection, project: str, body: Mapping[str, Any], now_ms: int, id_: str = ""
) -> Channel:
    """Create a channel; raise `NameDuplicated`, `QuotaReached` or `BadValue`."""
    if body["name"] == DEFAULT:
        raise NameDuplicated
    policy = _policy_after({}, body)
    values = {
        "id": id_ or str(uuid4()),
        "project": project,
        "name": body["name"],
        "description": body.get("description") or "",
        "enterprise_project_id": _enterprise_project(body),
        "created": now_ms,
        "updated": now_ms,
        "policy": policy,
    }
    try:
        connection.execute(insert(channels).values(values))
    except IntegrityError:
        raise NameDuplicated from None
    quotas.reserve(connection, project, quotas.CHANNEL)
    return get_channel(connection, project, values["id"])


def update_channel(
    connection: Connection, project: str, id_: str, body: Mapping[str, Any], now_ms: int
) -> Channel:
    """Change a channel, and return it; raise `NotFound`, `NotModifiable` or `BadValue`."""
    # First, as another process may be changing the policy that this change is made to.
    connection.execute(select(channels.c.id).where(channels.c.id == id_).with_for_update())
    known = _own(connection, project, id_)
    given = {
        name: body[name]
        for name in ("description", "enterprise_project_id")
        if body.get(name) is not None
    }
    given["policy"] = _policy_after(known, body)
    connection.execute(update(channels).where(channels.c.id == id_).values(**given, updated=now_ms))
    return get_channel(connection, project, id_)


def delete_channel(connection: Connection, project: str, id_: str) -> None:
    """Delete an unused channel; raise `NotFound` or `NotModifiable`."""
    _own(connection, project, id_)
    used = exists().where(sources.c.channel_id == id_) | exists().where(
        subscriptions.c.channel_id == id_
    )
    if connection.scalar(select(used)):
        raise NotModifiable("The channel has sources or subscriptions.")
    try:
        removed = connection.execute(delete(channels).where(channels.c.id == id_))
    except IntegrityError:  # another process has just given it a source
        raise NotModifiable("The channel has sources or subscriptions.") from None
    if not removed.rowcount:  # another process was faster
        raise NotFound("There is no such channel.")
    quotas.release(connection, project, quotas.CHANNEL)


def _own(connection: Connection, project: str, id_: str) -> Channel:
    channel = get_channel(connection, project, id_)
    if channel["provider_type"] != CUSTOM:
        raise NotModifiable("The official channel can't be changed.")
    return channel


def _enterprise_project(body: Mapping[str, Any]) -> str:
    given: str = body.get("enterprise_project_id") or ""
    return "0" if given in ("", ANY_ENTERPRISE_PROJECT) else given


def _policy_after(known: Mapping[str, Any], body: Mapping[str, Any]) -> str | None:
    """Return the column of a known channel after a change; raise `BadValue`."""
    policy, is_shared = body.get("policy"), body.get("cross_account")
    if is_shared is None:
        is_shared = policy is not None or known.get("cross_account")
    if not is_shared:
        return None
    text = to_json(policy or known.get("policy") or {})
    if len(text.encode()) > MAX_POLICY:
        raise BadValue(f"policy must have at most {MAX_POLICY} bytes")
    return text


def _shown(row: Any) -> Channel:
    policy = orjson.loads(row.policy) if row.policy else None
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "provider_type": CUSTOM,
        "created_time": format_utc(row.created),
        "updated_time": format_utc(row.updated),
        "enterprise_project_id": row.enterprise_project_id,
        **({} if policy is None else {"cross_account": True}),
        **({"policy": policy} if policy else {}),
    }
