"""Who may send which event and what follows from it, in memory: a send asks no database."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Select, exists, select

from tallystick.apis.eventhos.tables import actions, clients, contracts, events, people, systems
from tallystick.delivery import Destination
from tallystick.store import Database


@dataclass(frozen=True, slots=True)
class EventhosClient:
    """One that sends events; it is neither deleted nor revoked."""

    id: str
    identifier: str
    secret_digest: str
    token_digest: str | None
    """Of the long-live token that it holds, if any."""

    is_bound: bool
    """It sends for at least one system."""


@dataclass(frozen=True, slots=True)
class EventhosPerson:
    """One who manages, as long as the key of the same id is in force."""

    id: str
    username: str
    password_digest: str


@dataclass(frozen=True, slots=True)
class EventhosEventType:
    """A kind of event that a system's client may send."""

    identifier: str
    source: str
    client_id: str | None
    destinations: tuple[Destination, ...] = ()
    """Where its active contracts send it."""


@dataclass(frozen=True, slots=True)
class EventhosContract:
    """An active contract."""

    call: str
    """Its action's call, sealed."""


@dataclass(frozen=True, slots=True)
class _State:
    clients: Mapping[str, EventhosClient] = field(default_factory=dict)
    people: Mapping[str, EventhosPerson] = field(default_factory=dict)
    events: Mapping[str, EventhosEventType] = field(default_factory=dict)
    contracts: Mapping[str, EventhosContract] = field(default_factory=dict)


class SenderDirectory:
    """Everything that is in force, as of the last `load`.

    A change of any of it bumps the API's revision; then every process loads anew.
    """

    def __init__(self, database: Database, dev: bool) -> None:
        """`dev`: the dev world's clients and people are in force too."""
        self._database = database
        self._dev = dev
        self._loading = asyncio.Lock()
        self._begun = 0
        self._done = 0
        self._state = _State()

    async def load(self) -> None:
        """Know everything that was in the database when this was called."""
        before = self._begun
        # One at a time: an older state must not replace a newer one.
        async with self._loading:
            # Of many who wait, the first reads for all.
            if self._done <= before:
                self._begun += 1
                self._state = await self._database.read(self._read)
                self._done = self._begun

    def get_client(self, client_id: str) -> EventhosClient | None:
        """The client of that id."""
        return self._state.clients.get(client_id)

    def get_person(self, username: str) -> EventhosPerson | None:
        """The person of that name."""
        return self._state.people.get(username)

    def get_event_type(self, identifier: str) -> EventhosEventType | None:
        """The event of that identifier."""
        return self._state.events.get(identifier)

    def get_contract(self, target: str) -> EventhosContract | None:
        """The contract to which that target of a delivery belongs."""
        return self._state.contracts.get(target)

    def _read(self, connection: Connection) -> _State:
        found_clients = [EventhosClient(*row) for row in connection.execute(_clients(self._dev))]
        found_people = [EventhosPerson(*row) for row in connection.execute(_people(self._dev))]
        destinations: defaultdict[int, list[Destination]] = defaultdict(list)
        found_contracts = {}
        for event_id, id_, position, endpoint, call, system in connection.execute(_CONTRACTS):
            found_contracts[str(id_)] = EventhosContract(call)
            destinations[event_id].append(Destination(str(id_), endpoint, position, system))
        found_events = [
            EventhosEventType(
                identifier, f"/eventhos/{system}", client_id, tuple(destinations[id_])
            )
            for id_, identifier, system, client_id in connection.execute(_EVENTS)
        ]
        return _State(
            {client.id: client for client in found_clients},
            {person.username: person for person in found_people},
            {event.identifier: event for event in found_events},
            found_contracts,
        )


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


def _people(dev: bool) -> Select[str, str, str]:
    found = select(people.c.id, people.c.username, people.c.password_digest)
    return found if dev else found.where(people.c.dev.is_(False))


_EVENTS = (
    select(events.c.id, events.c.identifier, systems.c.identifier, systems.c.client_id)
    .join(systems, systems.c.id == events.c.system_id)
    .where(events.c.deleted.is_(None), systems.c.deleted.is_(None))
)

_CONTRACTS = (
    select(
        contracts.c.event_id,
        contracts.c.id,
        contracts.c.position,
        actions.c.endpoint,
        actions.c.call,
        systems.c.identifier,
    )
    .join(actions, actions.c.id == contracts.c.action_id)
    .join(systems, systems.c.id == actions.c.system_id)
    .where(contracts.c.active.is_(True), contracts.c.deleted.is_(None))
    .order_by(contracts.c.id)
)
"""Deleting an event or an action that a contract names is refused, so none lacks either."""
