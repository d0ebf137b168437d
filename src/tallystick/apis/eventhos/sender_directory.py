"""An in-memory directory of clients and their events, to send without a database query."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, Select, exists, select

from tallystick.apis.eventhos.permissions import held_permissions, roles_of_subjects
from tallystick.apis.eventhos.tables import actions, clients, contracts, events, people, systems
from tallystick.delivery import Destination
from tallystick.store import Database


class EventhosClient(NamedTuple):
    """A client neither deleted nor revoked."""

    id: str
    identifier: str
    secret_digest: str
    token_digest: str | None
    """The digest of its long-live token; None without one."""

    is_bound: bool
    """At least one system belongs to it."""


class EventhosPerson(NamedTuple):
    """A person, who may manage while the key with the same id is valid."""

    id: str
    username: str
    password_digest: str
    subject_id: int | None
    name: str
    permissions: frozenset[str] = frozenset()
    """Those of the person's roles, such as ``system:create``."""
    roles: tuple[str, ...] = ()
    """The identifiers of the person's roles."""


class EventhosEventType(NamedTuple):
    """A type of event, and the client permitted to send it."""

    identifier: str
    source: str
    client_id: str | None
    destinations: tuple[Destination, ...] = ()
    """The targets of its active contracts."""


class EventhosContract(NamedTuple):
    """An active contract."""

    call: str
    """The encrypted call of its action."""
    mail_recipients: str
    """The recipients of mails about failed calls, separated by commas; maybe none."""


class _State(NamedTuple):
    clients: Mapping[str, EventhosClient] = {}
    people: Mapping[str, EventhosPerson] = {}
    events: Mapping[str, EventhosEventType] = {}
    contracts: Mapping[str, EventhosContract] = {}
    revoked: frozenset[str] = frozenset()


class SenderDirectory:
    """The valid clients, people, event types and contracts, as of the last `load`.

    Each change increases the API's revision, after which every process loads anew.
    """

    def __init__(self, database: Database, dev: bool) -> None:
        """With `dev`, the dev world's clients and people are valid too."""
        self._database = database
        self._dev = dev
        self._loading = asyncio.Lock()
        self._begun = 0
        self._done = 0
        self._state = _State()

    async def load(self) -> None:
        """Load a state at least as new as this call."""
        before = self._begun
        # One load at a time, so that an older state can't replace a newer one.
        async with self._loading:
            # The first of several that wait loads for all of them.
            if self._done <= before:
                self._begun += 1
                self._state = await self._database.read(self._read)
                self._done = self._begun

    def get_client(self, client_id: str) -> EventhosClient | None:
        """Return the valid client with this id, if there is one."""
        return self._state.clients.get(client_id)

    def is_revoked(self, client_id: str) -> bool:
        """Return whether a client with this id is revoked."""
        return client_id in self._state.revoked

    def get_person(self, username: str) -> EventhosPerson | None:
        """Return the person with this name, if there is one."""
        return self._state.people.get(username)

    def get_event_type(self, identifier: str) -> EventhosEventType | None:
        """Return the event type with this identifier, if there is one."""
        return self._state.events.get(identifier)

    def get_contract(self, target: str) -> EventhosContract | None:
        """Return the active contract for this target of a delivery, if there is one."""
        return self._state.contracts.get(target)

    def _read(self, connection: Connection) -> _State:
        found_clients = [EventhosClient(*row) for row in connection.execute(_clients(self._dev))]
        found_people = _read_people(connection, self._dev)
        destinations: defaultdict[int, list[Destination]] = defaultdict(list)
        found_contracts = {}
        rows = connection.execute(_CONTRACTS)
        for event_id, id_, position, endpoint, call, system, recipients in rows:
            found_contracts[str(id_)] = EventhosContract(call, recipients)
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
            frozenset(connection.scalars(_REVOKED)),
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


def _read_people(connection: Connection, dev: bool) -> list[EventhosPerson]:
    rows = connection.execute(_people(dev)).all()
    roles = roles_of_subjects(connection, [row.subject_id for row in rows])
    return [
        EventhosPerson(
            *row,
            held_permissions(roles[row.subject_id]),
            tuple(role["identifier"] for role in roles[row.subject_id]),
        )
        for row in rows
    ]


def _people(dev: bool) -> Select[str, str, str, int | None, str]:
    found = select(
        people.c.id,
        people.c.username,
        people.c.password_digest,
        people.c.subject_id,
        people.c.name,
    )
    return found if dev else found.where(people.c.dev.is_(False))


_REVOKED = select(clients.c.id).where(clients.c.deleted.is_(None), clients.c.revoked.is_not(None))

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
        contracts.c.mail_recipients_on_error,
    )
    .join(actions, actions.c.id == contracts.c.action_id)
    .join(systems, systems.c.id == actions.c.system_id)
    .where(contracts.c.active.is_(True), contracts.c.deleted.is_(None))
    .order_by(contracts.c.id)
)
"""Events and actions of contracts can't be deleted, so the joins drop no contract."""
