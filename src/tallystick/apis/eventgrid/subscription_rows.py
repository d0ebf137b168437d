"""Subscriptions as they are stored, and the sources and targets in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from tallystick.apis.eventgrid import channels
from tallystick.apis.eventgrid.tables import subscriptions
from tallystick.contract.exceptions import NotFound


def list_rows(connection: Connection, project: str) -> list[Row[Any]]:
    """Return the subscriptions of a project, oldest first."""
    found = select(subscriptions).where(subscriptions.c.project == project)
    return list(connection.execute(found.order_by(subscriptions.c.created, subscriptions.c.id)))


def get_row(connection: Connection, project: str, id_: str) -> Row[Any]:
    """Return the subscription of this id; raise `NotFound`."""
    return _found(connection, _chosen(project, id_))


def lock_row(connection: Connection, project: str, id_: str) -> Row[Any]:
    """Return the subscription of this id, which no other transaction changes; raise `NotFound`."""
    return _found(connection, _chosen(project, id_).with_for_update())


def channel_id(row: Row[Any]) -> str:
    """Return the id of the channel, also of the official one."""
    found: str = row.channel_id or channels.default_channel_id(row.project)
    return found


def write_row(connection: Connection, id_: str, values: Mapping[str, Any], now_ms: int) -> None:
    """Change the columns of a subscription."""
    its = update(subscriptions).where(subscriptions.c.id == id_)
    connection.execute(its.values(**values, updated=now_ms))


def get_part(known: Sequence[Mapping[str, Any]], id_: str, what: str) -> Mapping[str, Any]:
    """Return the source or the target of this id; raise `NotFound`."""
    for part in known:
        if part["id"] == id_:
            return part
    raise NotFound(f"The subscription has no such {what}.")


def _chosen(project: str, id_: str) -> Select[Any]:
    return select(subscriptions).where(
        subscriptions.c.project == project, subscriptions.c.id == id_
    )


def _found(connection: Connection, statement: Select[Any]) -> Row[Any]:
    row = connection.execute(statement).first()
    if row is None:
        raise NotFound("There is no such subscription.")
    return row
