"""The sources of subscriptions, with their filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from tallystick.apis.eventgrid import (
    channels,
    connection_details,
    filters,
    sources,
    subscription_rows,
    targets,
)
from tallystick.apis.eventgrid.exceptions import BadValue, InvalidChannel
from tallystick.apis.eventgrid.texts import to_json
from tallystick.contract.exceptions import NotFound


def update_source(
    connection: Connection,
    project: str,
    id_: str,
    source_id: str,
    body: Mapping[str, Any],
    now_ms: int,
) -> Mapping[str, Any]:
    """Change the source of a subscription, and return it; raise as `to_column`, or `NotFound`."""
    row = subscription_rows.lock_row(connection, project, id_)
    known = orjson.loads(row.sources)
    subscription_rows.get_part(known, source_id, "source")
    given = [{**body, "id": source_id}]
    changed = to_column(
        connection, project, subscription_rows.channel_id(row), given, known, now_ms
    )
    subscription_rows.write_row(connection, id_, {"sources": changed}, now_ms)
    source: Mapping[str, Any] = orjson.loads(changed)[0]
    return source


def to_column(
    connection: Connection,
    project: str,
    channel_id: str,
    given: Sequence[Mapping[str, Any]],
    kept: Sequence[Mapping[str, Any]],
    now_ms: int,
) -> str:
    """Return the column of the sources; raise `BadValue`, `InvalidChannel` or `InvalidFilter`."""
    for index, source in enumerate(given):
        if not _is_source(connection, project, channel_id, source["name"]):
            raise BadValue(f"sources.{index}.name must be a source of the channel")
        filters.refuse_unreadable(source["filter"])
        connection_details.refuse_large(source.get("detail"), f"sources.{index}.detail")
    known = {source["id"]: source for source in kept}
    return to_json([targets.identified(s, now_ms, known.get(s.get("id"))) for s in given])


def get_channel(
    connection: Connection, project: str, id_: str, enterprise_project: str | None = None
) -> channels.Channel:
    """Return the channel of a subscription; raise `InvalidChannel`."""
    try:
        return channels.get_channel(connection, project, id_, enterprise_project)
    except NotFound:
        raise InvalidChannel from None


def _is_source(connection: Connection, project: str, channel_id: str, name: str) -> bool:
    """Return whether a subscription may name its source so.

    It may be a source of the channel; the channel itself, as the Terraform provider names it; or
    any cloud service, if the channel is the official one.
    """
    channel = get_channel(connection, project, channel_id)
    is_service = channel["provider_type"] == channels.OFFICIAL and sources.is_official(name)
    names = sources.list_names(connection, project, channel_id)
    return is_service or name == channel["name"] or name in names
