"""Subscriptions: which events of a channel go to which targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tallystick.apis.eventgrid import channels, connection_details, filters, quotas, targets
from tallystick.apis.eventgrid import sources as event_sources
from tallystick.apis.eventgrid.exceptions import (
    BadValue,
    InvalidChannel,
    InvalidFilter,
    NameDuplicated,
)
from tallystick.apis.eventgrid.tables import subscriptions
from tallystick.apis.eventgrid.targets import Target, Targets
from tallystick.apis.eventgrid.texts import to_json
from tallystick.apis.times import format_utc
from tallystick.contract.exceptions import NotFound
from tallystick.delivery import Destination, Held, forget_target
from tallystick.encryption import Undecryptable
from tallystick.randomness import uuid4

ENABLED = "ENABLED"
DISABLED = "DISABLED"

KIND = "eventgrid"
"""Of deliveries."""

ID_LENGTH = 36
"""Of a subscription's id, with which deliveries' names of its targets begin."""

MAX_FILTER = 2048
"""Bytes of JSON."""

ENABLE = "ENABLE"
_OPERATIONS: Mapping[str, str] = {ENABLE: ENABLED, "DISABLE": DISABLED}

Subscription = Mapping[str, Any]


class Listener(NamedTuple):
    """An enabled subscription, as far as events ask for it."""

    id: str
    name: str
    filter: Mapping[str, Any]
    destinations: Sequence[Destination]


class EventgridSubscriptions:
    """The subscriptions of all projects; their targets are sealed."""

    def __init__(self, known: Targets) -> None:
        self._targets = known

    def list_subscriptions(self, connection: Connection, project: str) -> list[Subscription]:
        """All subscriptions of a project."""
        found = channels.list_channels(connection, project)
        names = {channel["id"]: channel["name"] for channel in found}
        return [self._shown(row, names) for row in _rows(connection, project)]

    def get_subscription(self, connection: Connection, project: str, id_: str) -> Subscription:
        """The subscription of that id; raises `NotFound`."""
        for subscription in self.list_subscriptions(connection, project):
            if subscription["id"] == id_:
                return subscription
        raise NotFound("There is no such subscription.")

    def listeners(self, connection: Connection, project: str, channel_id: str) -> list[Listener]:
        """The enabled subscriptions of a channel."""
        return [
            self._listener(row)
            for row in _rows(connection, project)
            if row.status == ENABLED and _channel_id(row) == channel_id
        ]

    def get_target(self, connection: Connection, key: str) -> Target:
        """The target that deliveries call so; raises `Held` or `Undecryptable`."""
        id_ = key[:ID_LENGTH]
        row = connection.execute(select(subscriptions).where(subscriptions.c.id == id_)).first()
        if row is None:
            raise Held("the subscription is deleted")
        if row.status != ENABLED:
            raise Held("the subscription is disabled")
        for target in self._targets.opened(row.targets):
            if targets.key(id_, target["id"]) == key:
                return target
        raise Held("the subscription has this target no longer")

    def keys(self, connection: Connection, project: str, ids: Sequence[str]) -> list[str]:
        """What deliveries call the targets of these subscriptions of the project."""
        rows = [row for row in _rows(connection, project) if row.id in ids]
        return [destination.target for row in rows for destination in self._destinations(row)]

    def note_destinations(self, connection: Connection) -> None:
        """Note where deliveries go for subscriptions from before that was noted."""
        before = select(subscriptions).where(subscriptions.c.destinations.is_(None))
        for row in connection.execute(before).all():
            if known := self._known(row):
                noted = targets.destinations_column(row.id, known)
                its = update(subscriptions).where(subscriptions.c.id == row.id)
                connection.execute(its.values(destinations=noted))

    def create_subscription(
        self, connection: Connection, project: str, body: Mapping[str, Any], now_ms: int
    ) -> Subscription:
        """A new subscription, enabled.

        Raises `InvalidChannel`, `NameDuplicated`, `QuotaReached`, `InvalidFilter`, `InvalidTarget`.
        """
        channel_id = body["channel_id"]
        if all(c["id"] != channel_id for c in channels.list_channels(connection, project)):
            raise InvalidChannel
        id_ = str(uuid4())
        values = {
            "id": id_,
            "project": project,
            "name": body["name"],
            "description": body.get("description") or "",
            "channel_id": None
            if channel_id == channels.default_channel_id(project)
            else channel_id,
            "status": ENABLED,
            "sources": _sources(connection, project, channel_id, body["sources"], now_ms),
            **self._targets.to_columns(id_, body["targets"], (), now_ms),
            "created": now_ms,
            "updated": now_ms,
        }
        try:
            connection.execute(insert(subscriptions).values(values))
        except IntegrityError:
            raise NameDuplicated from None
        quotas.reserve(connection, project, quotas.SUBSCRIPTION)
        return self.get_subscription(connection, project, id_)

    def update_subscription(
        self, connection: Connection, project: str, id_: str, body: Mapping[str, Any], now_ms: int
    ) -> Subscription:
        """The subscription with what is given in place of what it had; raises as `create` does.

        Targets that are given anew are sent to again, where they were turned off.
        """
        channel_id = self.get_subscription(connection, project, id_)["channel_id"]
        values: dict[str, Any] = {"updated": now_ms}
        if body.get("description") is not None:
            values["description"] = body["description"]
        if body.get("sources") is not None:
            values["sources"] = _sources(connection, project, channel_id, body["sources"], now_ms)
        if body.get("targets") is not None:
            (row,) = [row for row in _rows(connection, project) if row.id == id_]
            known = self._known(row)
            values |= self._targets.to_columns(id_, body["targets"], known, now_ms)
            self._forget(connection, project, id_)
        connection.execute(update(subscriptions).where(subscriptions.c.id == id_).values(values))
        return self.get_subscription(connection, project, id_)

    def delete_subscription(self, connection: Connection, project: str, id_: str) -> None:
        """Delete a subscription, what it is still to deliver is held; raises `NotFound`."""
        self.get_subscription(connection, project, id_)
        self._forget(connection, project, id_)
        removed = connection.execute(delete(subscriptions).where(subscriptions.c.id == id_))
        if not removed.rowcount:  # another process was faster
            raise NotFound("There is no such subscription.")
        quotas.release(connection, project, quotas.SUBSCRIPTION)

    def _forget(self, connection: Connection, project: str, id_: str) -> None:
        for key in self.keys(connection, project, [id_]):
            forget_target(connection, KIND, key)

    def _listener(self, row: Row[Any]) -> Listener:
        wanted = orjson.loads(row.sources)[0]["filter"]
        return Listener(row.id, row.name, wanted, self._destinations(row))

    def _destinations(self, row: Row[Any]) -> Sequence[Destination]:
        """Where deliveries go; that needs no key, so that they can wait for one."""
        noted = orjson.loads(row.destinations or "[]")
        return [Destination(*each)._replace(tenant=row.project) for each in noted]

    def _known(self, row: Row[Any]) -> Sequence[Target]:
        """The targets; none if the key is lost that they were sealed with: give them anew."""
        try:
            return self._targets.opened(row.targets)
        except Undecryptable:
            return ()

    def _shown(self, row: Row[Any], channel_names: Mapping[str, str]) -> Subscription:
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
            "created_time": format_utc(row.created),
            "updated_time": format_utc(row.updated),
            **self._shown_targets(row),
        }

    def _shown_targets(self, row: Row[Any]) -> Mapping[str, Any]:
        try:
            opened = self._targets.opened(row.targets)
        except Undecryptable as error:
            return {"targets": [], "error_info": event_sources.error_info(error)}
        return {"targets": [targets.mask_target(target) for target in opened]}


def operate_subscriptions(
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
    names = event_sources.list_names(connection, project, channel_id)
    for index, source in enumerate(given):
        if source["name"] not in names:
            raise BadValue(f"sources.{index}.name is no source of the channel")
        if len(to_json(source["filter"]).encode()) > MAX_FILTER:
            raise InvalidFilter(f"a filter has {MAX_FILTER} bytes at most")
        filters.refuse_unreadable(source["filter"])
        connection_details.refuse_large(source.get("detail"), f"sources.{index}.detail")
    return to_json([targets.identified(source, now_ms) for source in given])


def _channel_id(row: Row[Any]) -> str:
    found: str = row.channel_id or channels.default_channel_id(row.project)
    return found


def _rows(connection: Connection, project: str) -> list[Row[Any]]:
    found = select(subscriptions).where(subscriptions.c.project == project)
    return list(connection.execute(found))
