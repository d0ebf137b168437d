"""Subscriptions: deliveries of filtered events as CloudEvents over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import quote

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from tallystick import randomness
from tallystick.apis.gateway import filters
from tallystick.apis.gateway.filters import Attributes, Filter, FilterError
from tallystick.apis.gateway.tables import subscriptions
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Invalid, NotFound, Violation
from tallystick.delivery import (
    SINK,
    AddressRefused,
    AttemptOutcome,
    Delivery,
    DeliveryFailure,
    Destination,
    EndpointResponse,
    Held,
    OutgoingRequest,
    endpoint_of,
    forget_target,
)
from tallystick.delivery.signing import new_secret
from tallystick.encryption import Undecryptable
from tallystick.events import Event, cloudevent
from tallystick.events.cloudevents import rfc3339
from tallystick.store import Entry, bump_revision

KIND = "gateway"
STRUCTURED = "structured"
DEV_ID = "22222222-2222-4222-8222-222222222222"
"""The dev world's subscription: inactive, with a sink that needs no network."""

OLD_SECRET_MS = 24 * 60 * 60 * 1000
"""The time in ms for which a replaced secret still signs beside its successor."""

_DEFAULTS = read_api("gateway").defaults("GatewaySubscriptionFields")

# The characters that the HTTP binding of CloudEvents (3.1.3.2) leaves as they are; others are
# percent-encoded.
_PRINTABLE = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in '"%')


@dataclass(frozen=True, slots=True)
class Subscription:
    """A filter of events and the endpoint for them."""

    id: str
    name: str
    sink: str
    mode: str
    filters: Sequence[Mapping[str, Any]]
    active: bool
    secrets: Sequence[tuple[str, int | None]]
    """The secrets that sign its requests, newest first, each with the end of its use."""
    created: int
    unusable: str = ""
    """The reason its secrets can't be decrypted; empty if they can."""

    def row(self, seal: Any) -> dict[str, Any]:
        """Return the columns of its row, with its secrets sealed by `seal`."""
        names = ("id", "name", "sink", "mode", "active", "created")
        row = {name: getattr(self, name) for name in names}
        secrets = seal(orjson.dumps(self.secrets).decode()) if self.secrets else ""
        return row | {"filters": orjson.dumps(self.filters).decode(), "secrets": secrets}


class GatewaySubscriptions:
    """The subscriptions, held in memory, and the adapter of their deliveries."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._encryptor = context.encryptor
        self._loading = asyncio.Lock()
        self._known: Mapping[str, Subscription] = {}
        self._active: Sequence[tuple[Filter, Destination]] = ()
        self._off: Mapping[str, str] = {}

    async def open(self) -> None:
        """Load the subscriptions, and match every further event with them."""
        if self._context.settings.dev:
            await self._context.database.write(self._restore_dev)
        self._context.outbox.register_adapter(KIND, self)
        self._context.log.add_listener(self.build_deliveries)
        await self._context.database.revisions.watch(KIND, self._load)

    def build_deliveries(self, event: Event) -> Sequence[Entry]:
        """Return the rows of an event's deliveries; called in any thread."""
        if not self._active:
            return ()
        attributes = Attributes(event)
        wanted = [destination for matches, destination in self._active if matches(attributes)]
        return self._context.outbox.build_deliveries(event, KIND, wanted)

    async def list_subscriptions(self) -> list[dict[str, Any]]:
        """Return all subscriptions, newest first."""
        off = await self._context.outbox.list_disabled_targets(KIND)
        known = sorted(self._known.values(), key=lambda s: (s.created, s.id), reverse=True)
        return [_shown(subscription, off) for subscription in known]

    async def get_subscription(self, id_: str) -> dict[str, Any]:
        """Return a subscription; raise `NotFound`."""
        return _shown(self._find(id_), await self._context.outbox.list_disabled_targets(KIND))

    async def create_subscription(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a subscription; return it with its secret, shown only now; raise `Invalid`."""
        body = {**_DEFAULTS, **body}
        made = Subscription(
            id=str(randomness.uuid4()),
            **self._fields(body),
            secrets=[(new_secret(), None)] if body["signed"] else [],
            created=self._context.clock.now_ms(),
        )
        row = made.row(self._encryptor.encrypt)
        await self._write(lambda connection: connection.execute(insert(subscriptions), row))
        return _with_secret(_shown(made, {}), made)

    async def replace_subscription(self, id_: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change a subscription, and enable its endpoint if it was disabled."""
        known = self._find(id_)
        body = {**_DEFAULTS, **body}
        signed = body["signed"]
        secrets = (known.secrets or [(new_secret(), None)]) if signed else []
        changed = replace(known, **self._fields(body), secrets=secrets, unusable="")
        await self._write(partial(_change, changed.row(self._encryptor.encrypt)))
        shown = _shown(changed, {})
        return shown if known.secrets or not signed else _with_secret(shown, changed)

    async def rotate_secret(self, id_: str) -> dict[str, Any]:
        """Create and return a new secret; the old one signs beside it for a day."""
        known = self._find(id_)
        until = self._context.clock.now_ms() + OLD_SECRET_MS
        old = [(secret, end or until) for secret, end in known.secrets]
        changed = replace(known, secrets=[(new_secret(), None), *old[:4]], unusable="")
        await self._write(partial(_change, changed.row(self._encryptor.encrypt)))
        return _with_secret({}, changed)

    async def delete_subscription(self, id_: str) -> None:
        """Delete a subscription; its pending deliveries are held."""
        self._find(id_)
        await self._write(partial(_remove, id_))

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        """Return the event in the HTTP binding of CloudEvents."""
        subscription = self._known.get(delivery.target)
        if subscription is None:
            # A held delivery waits for a replay, and another process may have created the
            # subscription just now.
            await self._load()
            subscription = self._known.get(delivery.target)
        if subscription is None:
            raise Held("the subscription is deleted")
        if subscription.unusable:
            raise DeliveryFailure(AttemptOutcome.LOCAL, subscription.unusable)
        headers, body = _structured(event) if subscription.mode == STRUCTURED else _binary(event)
        now = self._context.clock.now_ms()
        secrets = [secret for secret, until in subscription.secrets if until is None or now < until]
        return OutgoingRequest("POST", subscription.sink, headers, body, secrets)

    def on_response(
        self, _delivery: Delivery, _event: Event, _response: EndpointResponse
    ) -> Sequence[Entry]:
        """Return no rows: responses are only recorded."""
        return ()

    def _restore_dev(self, connection: Connection) -> None:
        """Create the dev world's subscription, or reset it."""
        made = Subscription(
            DEV_ID, "dev", SINK, STRUCTURED, (), False, (), self._context.clock.now_ms()
        )
        _remove(DEV_ID, connection)
        connection.execute(insert(subscriptions), made.row(self._encryptor.encrypt))
        bump_revision(connection, KIND)

    def _find(self, id_: str) -> Subscription:
        try:
            return self._known[id_]
        except KeyError:
            raise NotFound("No subscription has this id.") from None

    def _fields(self, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            filters.parse_filter(body.get("filters", []))
        except FilterError as error:
            raise _invalid("filters", str(error).removeprefix("filters").lstrip(".")) from None
        try:
            self._context.outbox.sender.addresses.check_url(body["sink"])
        except AddressRefused as error:
            raise _invalid("sink", str(error)) from None
        return {
            "name": body["name"],
            "sink": body["sink"],
            "mode": body["mode"],
            "filters": body.get("filters", []),
            "active": body["active"],
        }

    async def _write(self, function: Any) -> None:
        def write(connection: Connection) -> None:
            function(connection)
            bump_revision(connection, KIND)

        await self._context.database.write(write)
        await self._load()

    async def _load(self) -> None:
        # One load at a time, so that an older state can't replace a newer one.
        async with self._loading:
            known = await self._context.database.read(self._read)
            self._active = [
                (filters.parse_filter(s.filters), Destination(s.id, endpoint_of(s.sink)))
                for s in known.values()
                if s.active
            ]
            self._known = known

    def _read(self, connection: Connection) -> dict[str, Subscription]:
        rows = connection.execute(select(subscriptions))
        return {row.id: self._subscription(row._asdict()) for row in rows}

    def _subscription(self, row: dict[str, Any]) -> Subscription:
        row |= {"filters": orjson.loads(row["filters"])}
        sealed = row.pop("secrets")
        try:
            secrets = orjson.loads(self._encryptor.decrypt(sealed)) if sealed else []
        except Undecryptable as error:
            return Subscription(**row, secrets=(), unusable=str(error))
        return Subscription(**row, secrets=secrets)


def _shown(subscription: Subscription, off: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "name": subscription.name,
        "sink": subscription.sink,
        "mode": subscription.mode,
        "filters": subscription.filters,
        "active": subscription.active,
        "signed": bool(subscription.secrets or subscription.unusable),
        "created": rfc3339(subscription.created),
        "turnedOff": off.get(subscription.id) or subscription.unusable or None,
    }


def _with_secret(shown: dict[str, Any], subscription: Subscription) -> dict[str, Any]:
    secret = subscription.secrets[0][0] if subscription.secrets else None
    return shown | {"secret": secret}


def _change(row: Mapping[str, Any], connection: Connection) -> None:
    connection.execute(update(subscriptions).where(subscriptions.c.id == row["id"]).values(row))
    forget_target(connection, KIND, row["id"])


def _remove(id_: str, connection: Connection) -> None:
    connection.execute(delete(subscriptions).where(subscriptions.c.id == id_))
    forget_target(connection, KIND, id_)


def _structured(event: Event) -> tuple[list[tuple[str, str]], bytes]:
    headers = [("Content-Type", "application/cloudevents+json; charset=utf-8")]
    return headers, orjson.dumps(cloudevent(event))


def _binary(event: Event) -> tuple[list[tuple[str, str]], bytes]:
    attributes = cloudevent(event)
    attributes.pop("data", None)
    # CloudEvents' HTTP binding: its media type is the one attribute without a header of its own.
    type_ = attributes.pop("datacontenttype", None)
    headers = [(f"ce-{name}", _header(value)) for name, value in attributes.items()]
    return [("Content-Type", type_), *headers] if type_ else headers, event.data


def _header(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return quote(text, safe=_PRINTABLE, errors="replace")


def _invalid(name: str, message: str) -> Invalid:
    return Invalid([Violation("body", name, "format", None, message, (name,))])
