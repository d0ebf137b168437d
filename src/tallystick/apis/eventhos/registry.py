"""Who may send which event, in memory, so that a send asks no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, exists, select

from tallystick.apis.eventhos.tables import clients, contracts, events, systems
from tallystick.store import Database


@dataclass(frozen=True, slots=True)
class Client:
    """One that sends events; it is neither deleted nor revoked."""

    id: str
    identifier: str
    secret_digest: str
    token_digest: str | None
    """Of the long-live token that it holds, if any."""

    is_bound: bool
    """It sends for at least one system."""


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event that a system's client may send."""

    identifier: str
    source: str
    client_id: str | None
    has_contracts: bool


class Registry:
    """All clients and events that are in force, as of the last `load`.

    Whoever changes one of them bumps the API's revision; then every process loads anew.
    """

    def __init__(self, database: Database, dev: bool) -> None:
        """`dev`: the dev world's clients are in force too."""
        self._database = database
        self._dev = dev
        self._clients: Mapping[str, Client] = {}
        self._events: Mapping[str, EventType] = {}

    async def load(self) -> None:
        """Read everything anew from the database."""
        self._clients, self._events = await self._database.read(self._read)

    def client(self, client_id: str) -> Client | None:
        """The client of that id."""
        return self._clients.get(client_id)

    def event(self, identifier: str) -> EventType | None:
        """The event of that identifier."""
        return self._events.get(identifier)

    def _read(self, connection: Connection) -> tuple[dict[str, Client], dict[str, EventType]]:
        found_clients = [Client(*row) for row in connection.execute(_clients(self._dev))]
        found_events = [
            EventType(identifier, f"/eventhos/{system}", client_id, has_contracts)
            for identifier, system, client_id, has_contracts in connection.execute(_EVENTS)
        ]
        return {c.id: c for c in found_clients}, {e.identifier: e for e in found_events}


def _clients(dev: bool) -> Select[str, str, str, str | None, bool]:
    bound = exists().where(systems.c.client_id == clients.c.id, systems.c.deleted.is_(None))
    found = select(
        clients.c.id,
        clients.c.identifier,
        clients.c.secret_digest,
        clients.c.token_digest,
        bound,
    ).where(clients.c.deleted.is_(None), clients.c.revoked.is_(None))
    return found if dev else found.where(clients.c.dev.is_(False))


_EVENTS = (
    select(
        events.c.identifier,
        systems.c.identifier,
        systems.c.client_id,
        exists().where(
            contracts.c.event_id == events.c.id,
            contracts.c.active.is_(True),
            contracts.c.deleted.is_(None),
        ),
    )
    .join(systems, systems.c.id == events.c.system_id)
    .where(events.c.deleted.is_(None), systems.c.deleted.is_(None))
)
