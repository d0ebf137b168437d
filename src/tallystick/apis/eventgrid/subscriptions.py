"""Subscriptions: from a channel, through a filter, to targets."""

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
    QuotaReached,
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
        rows = _rows(connection, project)
        return [self._shown(row, names) for row in rows if _channel_id(row) in names]

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
            for row in _rows(connection, project)
            if row.status == ENABLED and _channel_id(row) == channel_id
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
        rows = [row for row in _rows(connection, project) if row.id in ids]
        return [destination.target for row in rows for destination in self._destinations(row)]

    def target_names(self, connection: Connection, project: str) -> dict[str, str]:
        """Return the names of all targets of a project, by their names in deliveries."""
        return {
            targets.key(row.id, target["id"]): target["name"]
            for row in _rows(connection, project)
            for target in self._known(row)
        }

    def note_destinations(self, connection: Connection) -> None:
        """Note where deliveries go, for subscriptions of older versions."""
        before = select(subscriptions).where(subscriptions.c.destinations.is_(None))
        for row in connection.execute(before).all():
            if known := self._known(row):
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
            "sources": _sources(connection, project, channel_id, body["sources"], (), now_ms),
            **self._targets.to_columns(id_, body["targets"], (), now_ms),
            "created": now_ms,
            "updated": now_ms,
        }
        _refuse_bad_channels(connection, project, channel_id, body["targets"])
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
        row = _row(connection, project, id_)
        channel_id = _channel_id(row)
        values: dict[str, Any] = {"updated": now_ms}
        if body.get("description") is not None:
            values["description"] = body["description"]
        if body.get("sources") is not None:
            known = orjson.loads(row.sources)
            given = body["sources"]
            values["sources"] = _sources(connection, project, channel_id, given, known, now_ms)
        if body.get("targets") is not None:
            _refuse_bad_channels(connection, project, channel_id, body["targets"])
            values |= self._targets.to_columns(id_, body["targets"], self._known(row), now_ms)
            self._forget(connection, project, id_)
        connection.execute(update(subscriptions).where(subscriptions.c.id == id_).values(values))
        return self.get_subscription(connection, project, id_)

    def update_source(
        self,
        connection: Connection,
        project: str,
        id_: str,
        source_id: str,
        body: Mapping[str, Any],
        now_ms: int,
    ) -> Mapping[str, Any]:
        """Change the source of a subscription, and return it; raise as `create_subscription`."""
        row = _row(connection, project, id_)
        known = orjson.loads(row.sources)
        _known_part(known, source_id, "source")
        given = [{**body, "id": source_id}]
        changed = _sources(connection, project, _channel_id(row), given, known, now_ms)
        _write_row(connection, id_, {"sources": changed}, now_ms)
        source: Mapping[str, Any] = orjson.loads(changed)[0]
        return source

    def get_shown_target(
        self, connection: Connection, project: str, id_: str, target_id: str
    ) -> Target:
        """Return one target of a subscription, its secrets masked; raise `NotFound`."""
        known = self._known(_row(connection, project, id_))
        return targets.mask_target(_known_part(known, target_id, "target"))

    def create_target(
        self, connection: Connection, project: str, id_: str, body: Target, now_ms: int
    ) -> Target:
        """Add a target to a subscription; raise as `create`."""
        row = _row(connection, project, id_)
        known = self._known(row)
        if len(known) >= quotas.TARGETS:
            raise QuotaReached
        if any(target["id"] == body.get("id") for target in known):
            raise BadValue("id belongs to another target")
        made = self._made_target(connection, row, body, None, now_ms)
        self._write_targets(connection, id_, [*known, made], now_ms)
        return targets.mask_target(made)

    def update_target(
        self,
        connection: Connection,
        project: str,
        id_: str,
        target_id: str,
        body: Target,
        now_ms: int,
    ) -> Target:
        """Return a target of a subscription as it is from now on; raise as `create`.

        It is sent to again, where it was turned off.
        """
        row = _row(connection, project, id_)
        known = self._known(row)
        before = _known_part(known, target_id, "target")
        made = self._made_target(connection, row, {**body, "id": target_id}, before, now_ms)
        changed = [made if target is before else target for target in known]
        self._write_targets(connection, id_, changed, now_ms)
        forget_target(connection, KIND, targets.key(id_, target_id))
        return targets.mask_target(made)

    def delete_target(
        self, connection: Connection, project: str, id_: str, target_id: str, now_ms: int
    ) -> None:
        """Delete a target of a subscription, and hold its deliveries; raise `NotFound`."""
        known = self._known(_row(connection, project, id_))
        removed = _known_part(known, target_id, "target")
        left = [target for target in known if target is not removed]
        self._write_targets(connection, id_, left, now_ms)
        forget_target(connection, KIND, targets.key(id_, target_id))

    def delete_subscription(self, connection: Connection, project: str, id_: str) -> None:
        """Delete a subscription, and hold its open deliveries; raise `NotFound`."""
        self.get_subscription(connection, project, id_)
        self._forget(connection, project, id_)
        removed = connection.execute(delete(subscriptions).where(subscriptions.c.id == id_))
        if not removed.rowcount:  # another process was faster
            raise NotFound("There is no such subscription.")
        quotas.release(connection, project, quotas.SUBSCRIPTION)

    def _made_target(
        self,
        connection: Connection,
        row: Row[Any],
        body: Target,
        known: Target | None,
        now_ms: int,
    ) -> Target:
        _refuse_bad_channels(connection, row.project, _channel_id(row), [body])
        return self._targets.made(body, known, "the target", now_ms)

    def _write_targets(
        self, connection: Connection, id_: str, made: Sequence[Target], now_ms: int
    ) -> None:
        _write_row(connection, id_, self._targets.sealed_columns(id_, made), now_ms)

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

    def _known(self, row: Row[Any]) -> Sequence[Target]:
        """Return the targets; empty if their key is lost, until they are given anew."""
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


def get_channel(
    connection: Connection, project: str, id_: str, enterprise_project: str | None = None
) -> channels.Channel:
    """Return the channel of a subscription; raise `InvalidChannel`."""
    try:
        return channels.get_channel(connection, project, id_, enterprise_project)
    except NotFound:
        raise InvalidChannel from None


def operate_subscriptions(
    connection: Connection, project: str, operation: str, ids: Sequence[str], now_ms: int
) -> None:
    """Enable or disable subscriptions of the project."""
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.project == project, subscriptions.c.id.in_(ids))
        .values(status=_OPERATIONS[operation], updated=now_ms)
    )


def _sources(
    connection: Connection,
    project: str,
    channel_id: str,
    given: Sequence[Mapping[str, Any]],
    kept: Sequence[Mapping[str, Any]],
    now_ms: int,
) -> str:
    for index, source in enumerate(given):
        if not _is_source(connection, project, channel_id, source["name"]):
            raise BadValue(f"sources.{index}.name must be a source of the channel")
        if len(to_json(source["filter"]).encode()) > MAX_FILTER:
            raise InvalidFilter(f"a filter must have at most {MAX_FILTER} bytes")
        filters.refuse_unreadable(source["filter"])
        connection_details.refuse_large(source.get("detail"), f"sources.{index}.detail")
    known = {source["id"]: source for source in kept}
    return to_json([targets.identified(s, now_ms, known.get(s.get("id"))) for s in given])


def _is_source(connection: Connection, project: str, channel_id: str, name: str) -> bool:
    """Return whether a subscription may name its source so.

    It may be a source of the channel; the channel itself, as the Terraform provider names it; or
    any cloud service, if the channel is the official one.
    """
    channel = get_channel(connection, project, channel_id)
    is_service = channel["provider_type"] == channels.OFFICIAL and event_sources.is_official(name)
    names = event_sources.list_names(connection, project, channel_id)
    return is_service or name == channel["name"] or name in names


def _refuse_bad_channels(
    connection: Connection, project: str, channel_id: str, given: Sequence[Target]
) -> None:
    """Raise `InvalidChannel` for a target other than another custom channel of the project."""
    for target in given:
        detail = target.get(targets.EG_DETAIL)
        if detail is not None:
            wanted = detail["target_channel_id"]
            if detail["target_project_id"] != project or wanted == channel_id:
                raise InvalidChannel("The target must be another channel of the project.")
            channels.get_custom_channel(connection, project, wanted)


def _known_part(known: Sequence[Mapping[str, Any]], id_: str, what: str) -> Mapping[str, Any]:
    for part in known:
        if part["id"] == id_:
            return part
    raise NotFound(f"The subscription has no such {what}.")


def _write_row(connection: Connection, id_: str, values: Mapping[str, Any], now_ms: int) -> None:
    its = update(subscriptions).where(subscriptions.c.id == id_)
    connection.execute(its.values(**values, updated=now_ms))


def _channel_id(row: Row[Any]) -> str:
    found: str = row.channel_id or channels.default_channel_id(row.project)
    return found


def _row(connection: Connection, project: str, id_: str) -> Row[Any]:
    for row in _rows(connection, project):
        if row.id == id_:
            return row
    raise NotFound("There is no such subscription.")


def _rows(connection: Connection, project: str) -> list[Row[Any]]:
    found = select(subscriptions).where(subscriptions.c.project == project)
    return list(connection.execute(found))
