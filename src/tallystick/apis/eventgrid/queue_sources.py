"""Sources that read the queue of a RabbitMQ, and the leases of the processes that do."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, delete, select, text, update

from tallystick.apis.eventgrid import channels
from tallystick.apis.eventgrid.connection_details import RABBITMQ, Detail
from tallystick.apis.eventgrid.tables import consumers, sources
from tallystick.apis.rabbitmq_instances import RabbitmqInstances
from tallystick.encryption import Encryptor, Undecryptable
from tallystick.store.shared_time import shared_now

LEASE_MS = 15_000
"""How long a source stays with a process that does not renew its lease, in ms."""

GUEST = "guest"
"""The user of a new RabbitMQ, and their password."""

NOT_READ = "no process reads the queue at the moment"
CONNECTING = "the broker is being connected to"
UNREAD_TYPES = {"ROCKETMQ": "this server does not read RocketMQ: the source is kept alone"}
"""The types of sources without a consumer, each with the reason."""


class QueueSource(NamedTuple):
    """A source, and the queue that it reads."""

    id: str
    project: str
    name: str
    channel_id: str
    queue: str
    user: str
    password: str
    virtual_host: str
    address: str


def list_queue_sources(
    connection: Connection, encryptor: Encryptor, addresses: Mapping[str, str]
) -> list[QueueSource]:
    """Return the sources whose queues can be read: their address and password are known."""
    rows = connection.execute(select(sources).where(sources.c.type == RABBITMQ))
    found = [(row, _open(row.detail, encryptor)) for row in rows]
    return [
        _queue_source(row, detail, address)
        for row, detail in found
        if detail and (address := addresses.get(detail.get("instance_id", "")))
    ]


def claim_sources(connection: Connection, ids: Iterable[str], owner: str) -> Set[str]:
    """Lease the sources that are free or already the owner's; return the owner's."""
    now = now_ms(connection)
    given = [
        {"id": id_, "owner": owner, "now": now, "until": now + LEASE_MS, "reason": CONNECTING}
        for id_ in sorted(ids)
    ]
    if given:
        connection.execute(_CLAIM, given)
    own = select(consumers.c.source_id).where(consumers.c.owner == owner, consumers.c.until > now)
    return frozenset(connection.scalars(own))


def release_sources(connection: Connection, owner: str) -> None:
    """End all leases of the owner."""
    connection.execute(delete(consumers).where(consumers.c.owner == owner))


def end_leases(connection: Connection) -> None:
    """End all leases in a database of one process: an earlier one left them."""
    if connection.dialect.name == "sqlite":
        connection.execute(delete(consumers))


def tell_reason(connection: Connection, id_: str, owner: str, reason: str) -> None:
    """Keep why a source's queue is not read; an empty reason says that it is."""
    own = (consumers.c.source_id == id_, consumers.c.owner == owner)
    connection.execute(update(consumers).where(*own).values(reason=reason))


class QueueStates:
    """What is known of the queues of some sources."""

    def __init__(
        self, connection: Connection, instances: RabbitmqInstances, ids: Sequence[str]
    ) -> None:
        self._addresses = instances.get_addresses(connection)
        self._reasons = _read_reasons(connection, ids)

    def find_reason(self, id_: str, detail: Detail) -> str:
        """Return why a source's queue is not read; empty if it is."""
        instance = detail["instance_id"]
        if instance not in self._addresses:
            return (
                f"no address is known for the instance {instance}: name it in "
                "TALLYSTICK_EVENTGRID_RABBITMQ, or by PUT /gateway/v1/rabbitmq-instances/"
                f"{instance}"
            )
        return self._reasons.get(id_, NOT_READ)


def _read_reasons(connection: Connection, ids: Sequence[str]) -> Mapping[str, str]:
    """Return the reason told of each source that a process reads."""
    rows = connection.execute(
        select(consumers.c.source_id, consumers.c.reason).where(
            consumers.c.source_id.in_(ids), consumers.c.until > now_ms(connection)
        )
    )
    return {row.source_id: row.reason for row in rows}


def now_ms(connection: Connection) -> int:
    """Return the time of PostgreSQL's clock, which all processes share, or of this machine's."""
    return shared_now(connection, time.time_ns() // 1_000_000)


_CLAIM = text(
    """
    INSERT INTO eventgrid_consumers (source_id, owner, until, reason)
    SELECT id, :owner, :until, :reason FROM eventgrid_sources WHERE id = :id
    ON CONFLICT (source_id) DO UPDATE SET
        reason = CASE WHEN eventgrid_consumers.owner = excluded.owner
            THEN eventgrid_consumers.reason ELSE excluded.reason END,
        owner = excluded.owner, until = excluded.until
    WHERE eventgrid_consumers.owner = excluded.owner OR eventgrid_consumers.until <= :now
    """
)


def _open(sealed: str | None, encryptor: Encryptor) -> Detail:
    try:
        detail: Detail = orjson.loads(encryptor.decrypt(sealed)) if sealed else {}
    except Undecryptable:
        return {}
    return detail


def _queue_source(row: Any, detail: Detail, address: str) -> QueueSource:
    return QueueSource(
        row.id,
        row.project,
        row.name,
        row.channel_id or channels.default_channel_id(row.project),
        str(detail["queue_name"]),
        str(detail.get("user_name") or GUEST),
        str(detail.get("password") or GUEST),
        str(detail.get("vhost_name") or "/"),
        address,
    )
