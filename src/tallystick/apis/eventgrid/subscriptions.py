"""Subscriptions: from a channel, through a filter, to targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tallystick.apis.eventgrid import (
    channels,
    quotas,
    subscribed_sources,
    subscription_rows,
    targets,
)
from tallystick.apis.eventgrid import sources as event_sources
from tallystick.apis.eventgrid.exceptions import (
    NameDuplicated,
)
from tallystick.apis.eventgrid.subscribed_targets import refuse_bad_channels
from tallystick.apis.eventgrid.tables import subscriptions
from tallystick.apis.eventgrid.targets import KIND, Target, Targets
from tallystick.contract.exceptions import NotFound
from tallystick.delivery import Destination, Held, forget_target
from tallystick.encryption import Undecryptable
from tallystick.randomness import uuid4
from tallystick.times import format_utc

ENABLED = "ENABLED"
DISABLED = "DISABLED"

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

    def list_subscriptions(
        self, connection: Connection, project: str, enterprise_project: str | None = None
    ) -> list[Subscription]:
        """Return the subscriptions of a project, to channels of an enterprise project if given."""
        found = channels.list_channels(connection, project)
        names = {
            channel["id"]: channel["name"]
            for channel in found
            if channels.is_of_enterprise_project(channel, enterprise_project)
        }
        rows = subscription_rows.list_rows(connection, project)
        return [
            self._shown(row, names) for row in rows if subscription_rows.channel_id(row) in names
        ]

    def get_subscription(
        self,
        connection: Connection,
        project: str,
        id_: str,
        enterprise_project: str | None = None,
    ) -> Subscription:
        """Return the subscription of this id; raise `NotFound`."""
        for subscription in self.list_subscriptions(connection, project, enterprise_project):
            if subscription["id"] == id_:
                return subscription
        raise NotFound("There is no such subscription.")

    def listeners(self, connection: Connection, project: str, channel_id: str) -> list[Listener]:
        """Return the enabled subscriptions of a channel."""
        return [
            self._listener(row)
            for row in subscription_rows.list_rows(connection, project)
            if row.status == ENABLED and subscription_rows.channel_id(row) == channel_id
        ]

    def get_target(self, connection: Connection, key: str) -> Target:
        """Return the target of a delivery; raise `Held` or `Undecryptable`."""
        id_ = key[: targets.SUBSCRIPTION_ID]
        row = connection.execute(select(subscriptions).where(subscriptions.c.id == id_)).first()
        if row is None:
            raise Held("the subscription is deleted")
        if row.status != ENABLED:
            raise Held("the subscription is disabled")
        for target in self._targets.opened(row.targets):
            if targets.key(id_, target["id"]) == key:
                return target
        raise Held("the target is deleted")

    def keys(self, connection: Connection, project: str, ids: Sequence[str]) -> list[str]:
        """Return the names in deliveries of the targets of these subscriptions."""
        rows = [row for row in subscription_rows.list_rows(connection, project) if row.id in ids]
        return [destination.target for row in rows for destination in self._destinations(row)]

    def target_names(self, connection: Connection, project: str) -> dict[str, str]:
        """Return the names of all targets of a project, by their names in deliveries."""
        return {
            targets.key(row.id, target["id"]): target["name"]
            for row in subscription_rows.list_rows(connection, project)
            for target in self._targets.known(row)
        }

    def note_destinations(self, connection: Connection) -> None:
        """Note where deliveries go, for subscriptions of older versions."""
        before = select(subscriptions).where(subscriptions.c.destinations.is_(None))
        for row in connection.execute(before).all():
            if known := self._targets.known(row):
                noted = targets.destinations_column(row.id, known)
                its = update(subscriptions).where(subscriptions.c.id == row.id)
                connection.execute(its.values(destinations=noted))

    def create_subscription(
        self, connection: Connection, project: str, body: Mapping[str, Any], now_ms: int
    ) -> Subscription:
        """Create a subscription, enabled.

        Raise `InvalidChannel`, `NameDuplicated`, `QuotaReached`, `InvalidFilter`, `InvalidTarget`.
        """
        channel_id = body["channel_id"]
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
            "sources": subscribed_sources.to_column(
                connection, project, channel_id, body["sources"], (), now_ms
            ),
            **self._targets.to_columns(id_, body["targets"], (), now_ms),
            "created": now_ms,
            "updated": now_ms,
        }
        refuse_bad_channels(connection, project, channel_id, body["targets"])
        try:
            connection.execute(insert(subscriptions).values(values))
        except IntegrityError:
            raise NameDuplicated from None
        quotas.reserve(connection, project, quotas.SUBSCRIPTION)
        return self.get_subscription(connection, project, id_)

    def update_subscription(
        self, connection: Connection, project: str, id_: str, body: Mapping[str, Any], now_ms: int
    ) -> Subscription:
        """Change a subscription, and return it; raise as `create_subscription`.

        Targets given anew are sent to again, if they were turned off.
        """
        row = subscription_rows.lock_row(connection, project, id_)
        channel_id = subscription_rows.channel_id(row)
        values: dict[str, Any] = {"updated": now_ms}
        if body.get("description") is not None:
            values["description"] = body["description"]
        if body.get("sources") is not None:
            known = orjson.loads(row.sources)
            given = body["sources"]
            values["sources"] = subscribed_sources.to_column(
                connection, project, channel_id, given, known, now_ms
            )
        if body.get("targets") is not None:
            refuse_bad_channels(connection, project, channel_id, body["targets"])
            values |= self._targets.to_columns(
                id_, body["targets"], self._targets.known(row), now_ms
            )
            self._forget(connection, project, id_)
        connection.execute(update(subscriptions).where(subscriptions.c.id == id_).values(values))
        return self.get_subscription(connection, project, id_)

    def delete_subscription(self, connection: Connection, project: str, id_: str) -> None:
        """Delete a subscription, and hold its open deliveries; raise `NotFound`."""
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
        """Return where deliveries go, without a key: they can wait for one."""
        noted = orjson.loads(row.destinations or "[]")
        return [Destination(*each)._replace(tenant=row.project) for each in noted]

    def _shown(self, row: Row[Any], channel_names: Mapping[str, str]) -> Subscription:
        return {
            "id": row.id,
            "name": row.name,
            "description": row.description,
            "type": "EVENT",
            "status": row.status,
            "channel_id": subscription_rows.channel_id(row),
            "channel_name": channel_names[subscription_rows.channel_id(row)],
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
            return {"targets": [], "error_info": event_sources.error_info(str(error))}
        return {"targets": [targets.mask_target(target) for target in opened]}


def operate_subscriptions(
    connection: Connection, project: str, operation: str, ids: Sequence[str], now_ms: int
) -> None:
    """Enable or disable subscriptions of the project."""
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.project == project, subscriptions.c.id.in_(ids))
        .values(status=_OPERATIONS[operation], updated=now_ms)
    )
