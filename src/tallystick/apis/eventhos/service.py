"""The service of eventhos, called by its handlers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection, select

from tallystick.apis.eventhos import dev_world, to_event, tried_template
from tallystick.apis.eventhos.actions import Actions
from tallystick.apis.eventhos.clients import Clients
from tallystick.apis.eventhos.delivery import ContractDeliveryAdapter
from tallystick.apis.eventhos.dialect import find_dialect
from tallystick.apis.eventhos.exceptions import (
    ClientNotFound,
    EventNotFound,
    OtherToken,
    WrongPassword,
    WrongSecret,
    coded,
)
from tallystick.apis.eventhos.grants import TokenGrants
from tallystick.apis.eventhos.managed_resources import (
    EVENTS,
    SHOWN_OF_CONTRACTS,
    SYSTEMS,
    contract_resource,
    system_name,
)
from tallystick.apis.eventhos.people import People
from tallystick.apis.eventhos.received_events import ReceivedEvents
from tallystick.apis.eventhos.resource import Body, Paging, contains_word
from tallystick.apis.eventhos.resource_collection import ResourceCollection, UnitOfWork
from tallystick.apis.eventhos.roles import Roles
from tallystick.apis.eventhos.sender_directory import EventhosEventType, SenderDirectory
from tallystick.apis.eventhos.signing_key import DEV_KEY, signing_key
from tallystick.apis.eventhos.tables import actions, contracts, events, systems
from tallystick.apis.eventhos.tokens import SHORT_LIVE_S, EventhosTokens
from tallystick.apis.eventhos.users import Users
from tallystick.apis.keys import ALL_SCOPES
from tallystick.apis.service_context import CredentialFunction, Sample, ServiceContext
from tallystick.contract import json_text
from tallystick.contract.exceptions import Unauthenticated
from tallystick.contract.request import Request
from tallystick.delivery import forget_target

HYBRID = "hybrid"
"""The class of systems that both send and are called."""

SUCCESS = {"code": 200000, "message": "success"}
NO_CONTRACTS = {
    "code": 200310,
    "message": "Success, but no contracts exists for this event",
}


class EventhosService:
    """The service that stores clients' events with their deliveries, and manages its resources."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._dialect = find_dialect(context.settings.eventhos_dialect)
        self._stored = _answer(self._dialect.stored, SUCCESS)
        self._stored_alone = _answer(self._dialect.stored_alone, NO_CONTRACTS)
        self._contracts = contract_resource(numbers=self._dialect.numbers)
        self._directory = SenderDirectory(context.database, context.settings.dev)
        self._unit_of_work = UnitOfWork(context.database, context.clock, self._directory)
        self._tokens: EventhosTokens
        self._dev_tokens = dev_world.PUBLIC_TOKENS
        self._people: People
        self.clients: Clients
        self.users: Users
        self.roles = Roles(self._unit_of_work)
        self._actions = Actions(context.encryptor, context.outbox.sender.addresses)
        self.systems = ResourceCollection(SYSTEMS, self._unit_of_work)
        self.events = ResourceCollection(EVENTS, self._unit_of_work)
        self.actions = ResourceCollection(self._actions, self._unit_of_work, _forgive_action)
        self.contracts = ResourceCollection(self._contracts, self._unit_of_work, _forgive_contract)
        self.received = ReceivedEvents(
            context.database,
            context.log,
            context.outbox,
            self._dialect,
            context.settings.public_scheme,
        )
        self.credentials: Mapping[str, CredentialFunction] = {
            "eventhosAccessKey": self._client,
            "eventhosQueryAccessKey": self._client,
            "eventhosBearer": self._person,
            "eventhosQueryBearer": self._person,
        }
        self.dev_credentials = {"username": dev_world.PERSON, "password": dev_world.PASSWORD}
        self._register_courier()

    async def open(self) -> None:
        """Load the signing key and the directory, after creating the dev world with ``--dev``."""
        context = self._context
        key = await signing_key(context.settings, context.database, context.encryptor)
        self._tokens = EventhosTokens(key, context.clock)
        self.clients = Clients(self._unit_of_work, self._directory, self._tokens, context.encryptor)
        self._people = People(self._directory, context.keys, self._tokens, context.clock)
        self.users = Users(self._unit_of_work, context.keys, self._people, dev=context.settings.dev)
        if context.settings.dev:
            if key != DEV_KEY:
                self._dev_tokens = dev_world.tokens(self._tokens)
            await self._restore_dev_world()
        await context.database.revisions.watch(to_event.API, self._directory.load)

    async def close(self) -> None:
        """Return at once: the server owns all its resources."""

    def find_event(self, identifier: str, caller: Mapping[str, Any]) -> EventhosEventType:
        """Return the event type, if it exists and the caller may send it."""
        event = self._directory.get_event_type(identifier)
        if event is None:
            raise coded(EventNotFound(), self._dialect.no_event)
        if self._dialect.event_first:
            self._judge_token(event, caller["sub"])
        elif event.client_id != caller["sub"]:
            raise Unauthenticated
        return event

    def _judge_token(self, event: EventhosEventType, access_key: str) -> None:
        try:
            self.clients.authenticate_for(event, access_key, self._dialect)
        except (Unauthenticated, OtherToken):
            self._context.count_bad_credential()
            raise

    async def send_event(
        self, identifier: str, caller: Mapping[str, Any], request: Request, body: Any = None
    ) -> Any:
        """Store an event with its deliveries; the answer tells whether it has contracts."""
        kind = self.find_event(identifier, caller)
        if self._dialect.reads_forms:
            request = _with_json(request, body)
        now_ms = self._context.clock.now_ms()
        event = to_event.to_event(kind, kind.client_id or "", request, now_ms)
        rows = self._context.outbox.build_deliveries(event, to_event.API, kind.destinations)
        await self._context.log.append(event, *rows)
        return self._stored if kind.destinations else self._stored_alone

    async def try_template(self, body: Body) -> Body:
        """Return the request that an action would send for an event; raise `Invalid`."""
        now_ms = self._context.clock.now_ms()
        scheme = self._context.settings.public_scheme
        # JSONPath may take a tenth of a second.
        tried = partial(tried_template.try_template, body, self._dialect, scheme, now_ms)
        return await asyncio.to_thread(tried)

    def create_token(self, client_id: str, secret: str) -> Body:
        """Return a short-live token for a client's secret."""
        try:
            return _token(self.clients.create_token(client_id, secret))
        except (ClientNotFound, WrongSecret):
            self._context.count_bad_credential()
            raise

    async def log_in(self, username: str, password: str) -> Body:
        """Return a token for a person's name and password, with the person's names and roles."""
        try:
            answer = _token(await self._people.create_token(username, password))
        except WrongPassword:
            self._context.count_bad_credential()
            raise
        return {**answer, "content": {**answer["content"], **self._people.describe(username)}}

    async def list_events(
        self, paging: Paging, event_name: str | None, system_id: int | None
    ) -> Body:
        """Return a page of event types, filtered by a part of the name and by system."""
        rules = []
        if event_name is not None:
            rules.append(contains_word(event_name, events.c.name))
        if system_id is not None:
            rules.append(events.c.system_id == system_id)
        return await self.events.list_page(paging, *rules)

    async def list_systems(self, paging: Paging, system_class: str | None) -> Body:
        """Return a page of systems: all, or those of a class with the hybrid ones."""
        rules = [] if system_class is None else [systems.c.system_class.in_([system_class, HYBRID])]
        return await self.systems.list_page(paging, *rules)

    async def list_actions(self, paging: Paging, word: str | None) -> Body:
        """Return a page of actions, filtered by a word in one of their names."""
        c = actions.c
        named = (c.name, c.identifier, c.description, system_name(c.system_id))
        rules = [] if word is None else [contains_word(word, *named)]
        return await self.actions.list_page(paging, *rules)

    async def list_contracts(self, paging: Paging, word: str | None) -> Body:
        """Return a page of contracts, filtered by a word in one of their names."""
        named = (contracts.c.name, contracts.c.identifier, *SHOWN_OF_CONTRACTS.values())
        rules = [] if word is None else [contains_word(word, *named)]
        return await self.contracts.list_page(paging, *rules)

    async def contracts_of(self, event_id: int, action_id: int | None = None) -> Sequence[Body]:
        """Return an event's contracts, or those with an action; raise `NotFound`."""
        rules = [contracts.c.event_id == event_id]

        def found(connection: Connection) -> Sequence[Body]:
            EVENTS.get_row(connection, event_id)
            if action_id is not None:
                self._actions.get_row(connection, action_id)
                rules.append(contracts.c.action_id == action_id)
            return sorted(
                self._contracts.list_all(connection, *rules), key=lambda one: one["order"]
            )

        return await self._unit_of_work.read(found)

    async def list_of_system(self, system_id: int, kind: str) -> Sequence[Body]:
        """Return a system's ``events`` or ``actions``; raise `NotFound`."""
        resource = EVENTS if kind == "events" else self._actions

        def found(connection: Connection) -> Sequence[Body]:
            SYSTEMS.get_row(connection, system_id)
            return resource.list_all(connection, resource.table.c.system_id == system_id)

        return await self._unit_of_work.read(found)

    async def order_contracts(self, orders: Sequence[Body]) -> None:
        """Set the order of several contracts at once; raise `NotFound`."""

        def work(connection: Connection, _: int) -> None:
            for given in orders:
                self._contracts.update_row(
                    connection, given["contractId"], {"order": given["order"]}
                )

        await self._unit_of_work.write(work)

    async def retry_contract(self, detail_id: str, caller: Mapping[str, Any]) -> None:
        """Retry a run, a client one of its own; raise `NotFound`, `NotRetryable` or a 401."""
        await self._refuse_others_run(detail_id, caller)
        await self.received.retry_contract(detail_id)

    async def abort_contract(self, detail_id: str, caller: Mapping[str, Any]) -> None:
        """Abort a run, a client one of its own; raise `NotFound`, `NotAbortable` or a 401."""
        await self._refuse_others_run(detail_id, caller)
        await self.received.abort_contract(detail_id)

    async def _refuse_others_run(self, detail_id: str, caller: Mapping[str, Any]) -> None:
        if not caller.get("manages"):
            self.find_event(await self.received.get_event_identifier(detail_id), caller)

    def samples(self, base_url: str) -> list[Sample]:
        """Return shell commands: get a token, send an event, and see two refusals."""
        return dev_world.samples(base_url, self._dev_tokens)

    async def _restore_dev_world(self) -> None:
        context = self._context
        made = self._dev_tokens
        person, _ = await context.keys.create_key(
            to_event.API, dev_world.PERSON, [ALL_SCOPES], secret=dev_world.PASSWORD
        )
        now_ms = context.clock.now_ms()
        await context.database.write(lambda c: dev_world.restore(c, person.id, made, now_ms))

    def _register_courier(self) -> None:
        context = self._context
        timeout_s = context.settings.eventhos_timeout
        grants = TokenGrants(context.outbox.sender, context.clock, timeout_s)
        adapter = ContractDeliveryAdapter(
            self._directory,
            self._actions.call,
            grants,
            context.outbox,
            context.log,
            context.clock,
            timeout_s,
            self._dialect,
            context.settings.public_scheme,
        )
        context.outbox.register_adapter(to_event.API, adapter)
        if context.settings.smtp_host:
            # Imported late: the mail libraries are slow to load, and many services have no mail.
            from tallystick.apis.eventhos.error_mails import ErrorMails

            ErrorMails(context, self._directory).register()

    def _client(
        self,
        access_key: str,
        required_scopes: Sequence[str],  # noqa: ARG002  # a client has no scopes
    ) -> Mapping[str, Any]:
        if self._dialect.event_first:  # `find_event` judges it after the event
            return {"sub": access_key}
        return {"sub": self.clients.authenticate(access_key)}

    def _person(
        self,
        token: str,
        required_scopes: Sequence[str],
    ) -> Mapping[str, Any]:
        return {"sub": self._people.authenticate(token, required_scopes), "manages": True}


def _answer(told: tuple[int, int], body: Body) -> Body | tuple[Body, int]:
    status, code = told
    told_body = {**body, "code": code}
    return told_body if status == HTTPStatus.OK else (told_body, status)


def _with_json(request: Request, body: Any) -> Request:
    """Return the request with JSON for an absent body or a form."""
    if not request.body:
        return request._replace(body=b"{}")
    try:
        json_text.read_json(request.body)
    except json_text.Unreadable:
        return request._replace(body=json_text.write_json(body))
    return request


def _token(token: str) -> Body:
    names = {"jwt_token": token, "access_token": token}
    return {**SUCCESS, "content": {**names, "token_type": "Bearer", "expires_in": SHORT_LIVE_S}}


def _forgive_contract(connection: Connection, id_: int) -> None:
    forget_target(connection, to_event.API, str(id_))


def _forgive_action(connection: Connection, id_: int) -> None:
    """Enable the contracts of a changed action, also disabled ones."""
    mine = select(contracts.c.id).where(contracts.c.action_id == id_)
    for contract_id in connection.scalars(mine).all():
        _forgive_contract(connection, contract_id)
