"""Connections: the ways to the targets of a project; there is the vendor's own, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis.eventgrid.channels import OFFICIAL_SINCE_MS
from tallystick.contract.exceptions import NotFound
from tallystick.times import format_utc

DEFAULT = "default"

Connection = Mapping[str, Any]


def list_connections() -> list[Connection]:
    """Return all connections of a project: to targets on public addresses."""
    return [
        {
            "id": DEFAULT,
            "name": DEFAULT,
            "description": "To targets on public addresses.",
            "status": "CREATED",
            "error_info": {},
            "type": "WEBHOOK",
            "created_time": format_utc(OFFICIAL_SINCE_MS),
            "updated_time": format_utc(OFFICIAL_SINCE_MS),
        }
    ]


def get_connection(id_: str) -> Connection:
    """Return the connection of this id; raise `NotFound`."""
    for connection in list_connections():
        if connection["id"] == id_:
            return connection
    raise NotFound("There is no such connection.")
