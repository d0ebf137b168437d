"""Received events, and the runs of their contracts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from sqlalchemy import Connection, Row, Select, or_, select

from tallystick.apis.eventhos import action_request
from tallystick.apis.eventhos.dialect import Dialect
from tallystick.apis.eventhos.exceptions import NotAbortable, NotRetryable
from tallystick.apis.eventhos.received_digits import from_digits, to_digits
from tallystick.apis.eventhos.received_search import ReceivedEventFilter, find_received
from tallystick.apis.eventhos.resource import Body, Paging, to_page
from tallystick.apis.eventhos.tables import actions, contracts, events, systems
from tallystick.apis.eventhos.to_event import API
from tallystick.contract.exceptions import NotFound
from tallystick.delivery import (
    REPLAYABLE,
    Attempt,
    Delivery,
    DeliverySelection,
    DeliveryState,
    Outbox,
)
from tallystick.delivery.delivery import run_of
from tallystick.delivery.tables import deliveries
from tallystick.events import Event, EventLog
from tallystick.store import Database
from tallystick.times import format_ms

RETRYABLE = REPLAYABLE - {DeliveryState.DONE}
ABORTABLE = frozenset(DeliveryState) - {DeliveryState.DONE, DeliveryState.CANCELLED}

_STATUSES = frozenset(HTTPStatus)
_DETAIL_ID = re.compile(rf"([0-9a-f-]{{36}})_{API}_([0-9]+)")


class ReceivedEvents:
    """The received events, and the retry or abort of a contract's run."""

    def __init__(
        self, database: Database, log: EventLog, outbox: Outbox, dialect: Dialect, scheme: str
    ) -> None:
        """`scheme` is that of the server's public address."""
        self._scheme = scheme
        self._dialect = dialect
        self._database = database
        self._log = log
        self._outbox = outbox

    async def list_page(self, paging: Paging, wanted: ReceivedEventFilter) -> Body:
        """Return a page of events, in the order in which they were received."""
        found = await self._stored_id(wanted.id) if wanted.id else None
        choice = wanted._replace(id=found)
        return await self._database.read_long(lambda c: _page(c, paging, choice, self._dialect))

    async def get_received_event(self, id_: str) -> Body:
        """Return an event with its contracts' runs; raise `NotFound`."""
        shown, id_ = id_, await self._stored_id(id_)
        event = await self._log.get_event(id_)
        if event is None or event.api != API:
            raise NotFound
        kind = await self._database.read(lambda c: _kinds(c, [event.type])[event.type])
        runs = await self._outbox.list_deliveries(
            DeliverySelection(event_id=id_, kind=API), limit=10_000
        )
        named = await self._names(runs)
        request = _request(self._scheme, event)
        return {
            "receivedEvent": {"id": shown, **_event(event.time, kind), **request},
            "executedEventContracts": [
                self._told(run, named)
                for run in sorted(runs, key=_order)
                if self._dialect.state(run.state, run.attempts)
            ],
        }

    async def get_execution(self, detail_id: str) -> Body:
        """Return a contract's run with each try; raise `NotFound`."""
        delivery = await self._delivery(detail_id)
        named = await self._names([delivery])
        attempts = await self._outbox.list_attempts([detail_id])
        tries = [_try(attempt) for attempt in attempts[detail_id]]
        waits = delivery.state == DeliveryState.PENDING
        run = self._told(delivery, named)
        return {
            **run,
            "name": run.get("contractName"),
            "request": _ran_request(tries[-1] if tries else {}),
            "response": _ran_response(tries[-1] if tries else {}),
            "nextTryAt": format_ms(delivery.due) if waits else None,
            "tries": tries,
        }

    async def get_event_identifier(self, detail_id: str) -> str:
        """Return the identifier of the event of a contract's run; raise `NotFound`."""
        event = await self._log.get_event((await self._delivery(detail_id)).event_id)
        if event is None:
            raise NotFound
        return event.type

    async def retry_contract(self, detail_id: str) -> None:
        """Retry an undelivered run at once; raise `NotFound` or `NotRetryable`."""
        delivery = await self._delivery(detail_id)
        if delivery.state not in RETRYABLE:
            raise NotRetryable
        await self._outbox.enable_target(API, delivery.target)
        if not await self._outbox.replay_deliveries(
            DeliverySelection(ids=[detail_id], states=RETRYABLE)
        ):
            raise NotRetryable

    async def abort_contract(self, detail_id: str) -> None:
        """Abort a run; raise `NotFound` or `NotAbortable`."""
        await self._delivery(detail_id)
        if not await self._outbox.cancel_deliveries(
            DeliverySelection(ids=[detail_id], states=ABORTABLE)
        ):
            raise NotAbortable

    def _told(self, run: Delivery, named: Mapping[str, Body]) -> Body:
        """Return a run in the words of the dialect."""
        told = {**_run(run, named), "state": self._dialect.state(run.state, run.attempts)}
        return {**told, "attempts": 0} if self._dialect.numbers else told

    async def _stored_id(self, shown: str) -> str:
        """Return the id of the event that is shown by this one."""
        if not self._dialect.digit_ids:
            return shown
        return await self._database.read(lambda c: from_digits(c, shown)) or shown

    async def _delivery(self, detail_id: str) -> Delivery:
        delivery = None
        if _DETAIL_ID.fullmatch(detail_id):  # a database might refuse other texts
            delivery = await self._outbox.get_delivery(detail_id)
        if delivery is None:
            raise NotFound
        return delivery

    async def _names(self, runs: Sequence[Delivery]) -> Mapping[str, Body]:
        ids = [int(run.target) for run in runs]
        return await self._database.read(lambda c: _contracts(c, ids))


def _page(
    connection: Connection, paging: Paging, wanted: ReceivedEventFilter, dialect: Dialect
) -> Body:
    rows, total = find_received(connection, paging, wanted)
    kinds = _kinds(connection, [row.type for row in rows])
    states = _states(connection, [row.id for row in rows])
    items = [
        {
            "id": to_digits(connection, row.id) if dialect.digit_ids else row.id,
            **_event(row.time, kinds[row.type]),
            "state": dialect.states(states[row.id]),
        }
        for row in rows
    ]
    return to_page(items, total, paging)


def _states(connection: Connection, ids: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """Return the states of the contracts' runs, with the number of tries, by event id."""
    states: dict[str, list[tuple[str, int]]] = {id_: [] for id_ in ids}
    if ids:
        runs = [run_of(id_, API) for id_ in ids]
        id_ = deliveries.c.id
        mine = or_(*((id_ >= run) & (id_ < run[:-1] + "`") for run in runs))
        order = (deliveries.c.position, id_)
        c = deliveries.c
        chosen = select(c.event_id, c.state, c.attempts).where(mine).order_by(*order)
        for row in connection.execute(chosen):
            states[row.event_id].append((row.state, row.attempts))
    return states


def _kinds(connection: Connection, identifiers: Sequence[str]) -> dict[str, Body]:
    """Return the members of event types and their systems by identifier, also of deleted ones.

    A type that was never defined here has its identifier alone.
    """
    chosen: Select[Any] = (
        select(
            events.c.identifier.label("eventIdentifier"),
            events.c.id.label("eventId"),
            events.c.name.label("eventName"),
            events.c.operation.label("eventOperation"),
            events.c.description.label("eventDescription"),
            systems.c.id.label("systemId"),
            systems.c.identifier.label("systemIdentifier"),
            systems.c.name.label("systemName"),
        )
        .join(systems, systems.c.id == events.c.system_id)
        .where(events.c.identifier.in_(identifiers))
    )
    known = {row.eventIdentifier: _members(row) for row in connection.execute(chosen)}
    return {name: {"eventIdentifier": name} for name in identifiers} | known


def _contracts(connection: Connection, ids: Sequence[int]) -> dict[str, Body]:
    """Return the members of contracts and their actions by id, also of deleted ones."""
    chosen: Select[Any] = (
        select(
            contracts.c.id.label("contractId"),
            contracts.c.identifier.label("contractIdentifier"),
            contracts.c.name.label("contractName"),
            actions.c.id.label("actionId"),
            actions.c.identifier.label("actionIdentifier"),
            actions.c.name.label("actionName"),
            actions.c.operation.label("actionOperation"),
            actions.c.description.label("actionDescription"),
        )
        .outerjoin(actions, actions.c.id == contracts.c.action_id)
        .where(contracts.c.id.in_(ids))
    )
    return {str(row.contractId): _members(row) for row in connection.execute(chosen)}


def _members(row: Row[Any]) -> Body:
    return dict(row._mapping)


def _event(time: int, kind: Body) -> Body:
    at = format_ms(time)
    return {"receivedAt": at, "received_at": at, **kind}


def _request(scheme: str, event: Event) -> Body:
    attributes = orjson.loads(event.attributes)
    headers = action_request.received_headers(attributes)
    request = {
        "method": "POST",
        "url": action_request.received_url(scheme, headers, attributes.get("query", "")),
        "headers": headers,
        "query": action_request.received_query(attributes),
        "body": orjson.Fragment(event.data),
    }
    return {"received_request": request}


def _order(run: Delivery) -> tuple[int, int]:
    return run.position, int(run.target)


def _run(run: Delivery, named: Mapping[str, Body]) -> Body:
    return {
        "detailId": run.id,
        "receivedEventId": run.event_id,
        "order": run.position,
        "state": run.state,
        "reason": run.detail,
        "attempts": run.attempts,
        "isAborted": run.state == DeliveryState.CANCELLED,
        **named.get(run.target, {}),
    }


def _try(attempt: Attempt) -> Body:
    record = orjson.loads(attempt.record)
    return {
        "number": attempt.number,
        "startedAt": format_ms(attempt.started),
        "endedAt": format_ms(attempt.ended),
        "outcome": attempt.outcome,
        "status": attempt.status,
        "request": record.get("request"),
        "response": record.get("response"),
        "error": record.get("error"),
    }


def _ran_request(last: Body) -> Body:
    """Return the last try's request as the vendor's server shows it."""
    request = last.get("request") or {"method": "", "url": "", "headers": [], "body": ""}
    query = urlsplit(request["url"]).query
    return {
        **request,
        "method": request["method"].lower(),
        "headers": dict(request["headers"]),
        "params": dict(parse_qsl(query, keep_blank_values=True)),
    }


def _ran_response(last: Body) -> Body:
    """Return the last try's response, or its fault, as the vendor's server shows it."""
    response = last.get("response") or {"status": None, "headers": [], "body": ""}
    return {
        "status": response["status"],
        "statusText": last.get("error") or _words(response["status"]),
        "headers": dict(response["headers"]),
        "body": response["body"],
        "startTime": last.get("startedAt"),
        "endTime": last.get("endedAt"),
    }


def _words(status: int | None) -> str:
    return HTTPStatus(status).phrase if status in _STATUSES else ""
