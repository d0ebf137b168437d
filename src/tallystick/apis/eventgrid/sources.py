"""Sources: the publishers of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tallystick.apis.eventgrid import channels, connection_details, quotas
from tallystick.apis.eventgrid.channels import CUSTOM
from tallystick.apis.eventgrid.connection_details import RABBITMQ
from tallystick.apis.eventgrid.exceptions import InvalidChannel, NameDuplicated, NotModifiable
from tallystick.apis.eventgrid.queue_sources import UNREAD_TYPES, QueueStates
from tallystick.apis.eventgrid.tables import channels as channels_table
from tallystick.apis.eventgrid.tables import sources
from tallystick.apis.eventgrid.texts import to_json
from tallystick.apis.rabbitmq_instances import REVISION, RabbitmqInstances
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import NotFound
from tallystick.encryption import Encryptor, Undecryptable
from tallystick.randomness import uuid4
from tallystick.store import bump_revision
from tallystick.times import format_utc

Source = Mapping[str, Any]

FAILED = "EG.00015000"

_DEFAULT_TYPE: str = read_api("eventgrid").schema("EventgridSourceType")["default"]


class Sources:
    """The sources of all projects; their connections are sealed."""

    def __init__(self, encryptor: Encryptor, instances: RabbitmqInstances) -> None:
        self._encryptor = encryptor
        self._instances = instances

    def list_sources(self, connection: Connection, project: str) -> list[Source]:
        """Return all sources of a project, oldest first."""
        return self._show_rows(connection, _rows(connection, project))

    def get_source(self, connection: Connection, project: str, id_: str) -> Source:
        """Return the source of this id; raise `NotFound`."""
        [shown] = self._show_rows(connection, [_row(connection, project, id_)])
        return shown

    def create_source(
        self, connection: Connection, project: str, body: Mapping[str, Any], now_ms: int
    ) -> Source:
        """Create a source; raise `InvalidChannel`, `NameDuplicated`, `QuotaReached`, `BadValue`."""
        type_ = body.get("type") or _DEFAULT_TYPE
        connection_details.refuse_incomplete(type_, body.get("detail"))
        channels.get_custom_channel(connection, project, body["channel_id"])
        values = {
            "id": str(uuid4()),
            "project": project,
            "name": body["name"],
            "description": body.get("description") or "",
            "provider_type": CUSTOM,
            "event_types": "[]",
            "channel_id": body["channel_id"],
            "type": type_,
            "detail": self._sealed(body.get("detail")),
            "created": now_ms,
            "updated": now_ms,
        }
        _insert(connection, values)
        _tell_consumers(connection, type_)
        quotas.reserve(connection, project, quotas.SOURCE)
        return self.get_source(connection, project, values["id"])

    def update_source(
        self,
        connection: Connection,
        project: str,
        id_: str,
        body: Mapping[str, Any],
        now_ms: int,
    ) -> Source:
        """Change a source, and return it; raise `NotFound`, `NotModifiable`, `BadValue`."""
        # First, as another process may be changing the secrets that this change keeps.
        connection.execute(select(sources.c.id).where(sources.c.id == id_).with_for_update())
        row = _own(connection, project, id_)
        values: dict[str, Any] = {"updated": now_ms}
        if body.get("description") is not None:
            values["description"] = body["description"]
        if body.get("detail") is not None:
            detail = connection_details.with_kept_secrets(body["detail"], self._kept(row.detail))
            connection_details.refuse_incomplete(row.type, detail)
            values["detail"] = self._sealed(detail)
        connection.execute(update(sources).where(sources.c.id == id_).values(values))
        _tell_consumers(connection, row.type)
        return self.get_source(connection, project, id_)

    def _sealed(self, detail: Mapping[str, Any] | None) -> str | None:
        return self._encryptor.encrypt(to_json(detail)) if detail else None

    def _opened(self, sealed: str | None) -> dict[str, Any]:
        opened: dict[str, Any] = orjson.loads(self._encryptor.decrypt(sealed)) if sealed else {}
        return opened

    def _kept(self, sealed: str | None) -> dict[str, Any]:
        """Return the known detail, to take secrets over; it is empty if its key is lost."""
        try:
            return self._opened(sealed)
        except Undecryptable:
            return {}

    def _show_rows(self, connection: Connection, rows: Sequence[Row[Any]]) -> list[Source]:
        read = [row.id for row in rows if row.type == RABBITMQ]
        queues = QueueStates(connection, self._instances, read) if read else None
        return [self._shown(row, queues) for row in rows]

    def _state(self, row: Row[Any], queues: QueueStates | None) -> dict[str, Any]:
        """Return the detail of a source, and whether events come from there."""
        try:
            detail = self._opened(row.detail)
        except Undecryptable as error:
            return {"detail": {}, "status": "ERROR", "error_info": error_info(str(error))}
        reason = queues.find_reason(row.id, detail) if queues and row.type == RABBITMQ else ""
        reason = reason or UNREAD_TYPES.get(row.type, "")
        return {
            "detail": connection_details.mask_secrets(detail),
            "status": "ERROR" if reason else "RUNNING",
            "error_info": error_info(reason) if reason else {},
        }

    def _shown(self, row: Row[Any], queues: QueueStates | None) -> Source:
        project_default = channels.default_channel(row.project)
        return {
            "id": row.id,
            "name": row.name,
            "label": row.name,
            "description": row.description,
            "provider_type": row.provider_type,
            "event_types": orjson.loads(row.event_types),
            "created_time": format_utc(row.created),
            "updated_time": format_utc(row.updated),
            "channel_id": row.channel_id or project_default["id"],
            "channel_name": row.channel_name or project_default["name"],
            "type": row.type,
            **self._state(row, queues),
        }


def error_info(reason: str) -> Mapping[str, str]:
    """Return why a source or a subscription does not run."""
    told = {"error_code": FAILED, "error_msg": "Internal Server Error"}
    return {**told, "error_detail": reason}


def delete_source(connection: Connection, project: str, id_: str) -> None:
    """Delete a source; raise `NotFound` or `NotModifiable`."""
    row = _own(connection, project, id_)
    removed = connection.execute(delete(sources).where(sources.c.id == id_))
    if not removed.rowcount:  # another process was faster
        raise NotFound("There is no such source.")
    _tell_consumers(connection, row.type)
    quotas.release(connection, project, quotas.SOURCE)


def is_official(name: str) -> bool:
    """Return whether a source of this name is a cloud service."""
    return name.startswith("HC.")


def list_names(connection: Connection, project: str, channel_id: str) -> frozenset[str]:
    """Return the names of the sources in a channel."""
    is_default = channel_id == channels.default_channel_id(project)
    wanted = sources.c.channel_id.is_(None) if is_default else sources.c.channel_id == channel_id
    found = select(sources.c.name).where(sources.c.project == project, wanted)
    return frozenset(connection.scalars(found))


def _insert(connection: Connection, values: Mapping[str, Any]) -> None:
    savepoint = connection.begin_nested()
    try:
        connection.execute(insert(sources).values(values))
    except IntegrityError:
        savepoint.rollback()
        # Either the name is taken, or another process has just deleted the channel.
        taken = select(sources.c.id).where(
            sources.c.project == values["project"], sources.c.name == values["name"]
        )
        raise (NameDuplicated if connection.scalar(taken) else InvalidChannel) from None
    savepoint.commit()


def _tell_consumers(connection: Connection, type_: str) -> None:
    if type_ == RABBITMQ:
        bump_revision(connection, REVISION)


def _own(connection: Connection, project: str, id_: str) -> Row[Any]:
    row = _row(connection, project, id_)
    if row.provider_type != CUSTOM:
        raise NotModifiable("An official source can't be changed.")
    return row


def _row(connection: Connection, project: str, id_: str) -> Row[Any]:
    for row in _rows(connection, project):
        if row.id == id_:
            return row
    raise NotFound("There is no such source.")


def _rows(connection: Connection, project: str) -> list[Row[Any]]:
    found = (
        select(sources, channels_table.c.name.label("channel_name"))
        .outerjoin(channels_table, channels_table.c.id == sources.c.channel_id)
        .where(sources.c.project == project)
        .order_by(sources.c.created, sources.c.id)
    )
    return list(connection.execute(found))
