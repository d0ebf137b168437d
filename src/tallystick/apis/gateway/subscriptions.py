"""Subscriptions: deliveries of filtered events to a destination."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from tallystick import randomness
from tallystick.apis.gateway import filters, to_event
from tallystick.apis.gateway.deliveries import attempt_to_json
from tallystick.apis.gateway.exceptions import NotSigned
from tallystick.apis.gateway.filters import Attributes, Filter, FilterError
from tallystick.apis.gateway.subscription_bounds import change_within_bounds
from tallystick.apis.gateway.tables import subscriptions
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Invalid, NotFound, Violation
from tallystick.contract.json_text import write_json
from tallystick.delivery import (
    SINK,
    AttemptOutcome,
    Delivery,
    DeliveryFailure,
    Destination,
    EndpointResponse,
    Held,
    OutgoingRequest,
    forget_target,
)
from tallystick.delivery.destinations.destination_kind import (
    DestinationKind,
    DestinationRefused,
    Options,
)
from tallystick.delivery.destinations.registry import Destinations
from tallystick.delivery.signing import new_secret
from tallystick.delivery.single_attempt import attempt_once
from tallystick.encryption import Undecryptable
from tallystick.events import Event
from tallystick.secret_names import MASK
from tallystick.storable_text import is_storable
from tallystick.store import Entry, bump_revision
from tallystick.times import format_ms

KIND = "gateway"
WEBHOOK = "webhook"
DEV_ID = "22222222-2222-4222-8222-222222222222"
"""The dev world's subscription: inactive, with a sink that needs no network."""

OLD_SECRET_MS = 24 * 60 * 60 * 1000
"""The time in ms for which a replaced secret still signs beside its successor."""

_DEFAULTS = read_api("gateway").defaults("GatewaySubscriptionFields")


class Subscription(NamedTuple):
    """A filter of events and the destination for them."""

    id: str
    name: str
    kind: str
    """The kind of the destination."""
    options: Options
    sink: str
    """The destination's address for people."""
    filters: Sequence[Mapping[str, Any]]
    active: bool
    secrets: Sequence[tuple[str, int | None]]
    """The secrets that sign its requests, newest first, each with the end of its use."""
    created: int
    unusable: str = ""
    """The reason its secrets can't be decrypted; empty if they can."""


class GatewaySubscriptions:
    """The subscriptions, held in memory, and the adapter of their deliveries."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._encryptor = context.encryptor
        self._destinations = Destinations(context.outbox.sender.addresses, context.settings)
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

    async def list_subscriptions(self, limit: int, cursor: str | None) -> dict[str, Any]:
        """Return a page of subscriptions, the newest first."""
        off = await self._context.outbox.list_disabled_targets(KIND)
        known = sorted(self._known.values(), key=_place, reverse=True)
        rest = [s for s in known if cursor is None or _place(s) < _read_cursor(cursor)]
        following = _cursor(rest[limit - 1]) if len(rest) > limit else None
        return {"subscriptions": [self._shown(s, off) for s in rest[:limit]], "next": following}

    async def get_subscription(self, id_: str) -> dict[str, Any]:
        """Return a subscription; raise `NotFound`."""
        off = await self._context.outbox.list_disabled_targets(KIND)
        return self._shown(self._find(id_), off)

    async def create_subscription(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a subscription; return it with its secret, shown only now.

        Raise `Invalid`, or `SubscriptionsFull`.
        """
        fields, signed = await self._fields(body)
        made = Subscription(
            id=str(randomness.uuid4()),
            **fields,
            secrets=[(new_secret(), None)] if signed else [],
            created=self._context.clock.now_ms(),
        )
        row = self._row(made)
        await self._write(partial(change_within_bounds, partial(_insert, row)))
        return _with_secret(self._shown(made, {}), made)

    async def replace_subscription(self, id_: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change a subscription, and enable its endpoint if it was disabled.

        Raise `NotFound`, `Invalid`, or `SubscriptionsFull`.
        """
        known = self._find(id_)
        fields, signed = await self._fields(_with_kept_options(known, body))
        secrets = (known.secrets or [(new_secret(), None)]) if signed else []
        changed = known._replace(**fields, secrets=secrets, unusable="")
        await self._write(partial(change_within_bounds, partial(_change, self._row(changed))))
        shown = self._shown(changed, {})
        return shown if known.secrets or not signed else _with_secret(shown, changed)

    async def rotate_secret(self, id_: str) -> dict[str, Any]:
        """Create and return a new secret; the old one signs beside it for a day.

        Raise `NotSigned` for a destination without signatures.
        """
        known = self._find(id_)
        if not self._destinations.get_kind(known.kind).is_signed:
            raise NotSigned
        until = self._context.clock.now_ms() + OLD_SECRET_MS
        old = [(secret, end or until) for secret, end in known.secrets]
        changed = known._replace(secrets=[(new_secret(), None), *old[:4]], unusable="")
        await self._write(partial(_change, self._row(changed)))
        return _with_secret({}, changed)

    async def send_test(self, id_: str) -> dict[str, Any]:
        """Send a test event to a subscription's destination now; return the attempt."""
        await self._load()  # another process may have changed it just now
        subscription = self._find(id_)
        now = self._context.clock.now_ms()
        event = to_event.test_event(subscription.id, subscription.name, now)
        destination = Destination(subscription.id, self._endpoint(subscription))
        context = self._context
        tried = await attempt_once(context.outbox, context.clock, event, KIND, destination)
        return attempt_to_json(tried)

    async def delete_subscription(self, id_: str) -> None:
        """Delete a subscription; its pending deliveries are held."""
        self._find(id_)
        await self._write(partial(_remove, id_))

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        """Return the event as its destination takes it."""
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
        kind = self._destinations.get_kind(subscription.kind)
        request = kind.build_request(subscription.options, subscription.id, event)
        now = self._context.clock.now_ms()
        secrets = [secret for secret, until in subscription.secrets if until is None or now < until]
        return request._replace(signing_secrets=secrets)

    def on_response(
        self, _delivery: Delivery, _event: Event, _response: EndpointResponse
    ) -> Sequence[Entry]:
        """Return no rows: responses are only recorded."""
        return ()

    def _restore_dev(self, connection: Connection) -> None:
        """Create the dev world's subscription, or reset it."""
        options, now = {"url": SINK, "mode": _DEFAULTS["mode"]}, self._context.clock.now_ms()
        made = Subscription(DEV_ID, "dev", WEBHOOK, options, SINK, (), False, (), now)
        _remove(DEV_ID, connection)
        connection.execute(insert(subscriptions), self._row(made))
        bump_revision(connection, KIND)

    def _find(self, id_: str) -> Subscription:
        try:
            return self._known[id_]
        except KeyError:
            raise NotFound("No subscription has this id.") from None

    async def _fields(self, body: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """Return the fields of a request's body, and whether requests are signed."""
        _refuse_unstorable(body)
        body = {**_DEFAULTS, **body}
        try:
            filters.check_filters(body.get("filters", []))
        except FilterError as error:
            raise _invalid("filters", str(error).removeprefix("filters").lstrip(". ")) from None
        name, options = _destination(body)
        kind = await self._checked_kind(name, options, is_sink="sink" in body)
        fields = {
            "name": body["name"],
            "kind": name,
            "options": options,
            "sink": kind.shown_address(options),
            "filters": body.get("filters", []),
            "active": body["active"],
        }
        return fields, body["signed"] and kind.is_signed

    async def _checked_kind(self, name: str, options: Options, *, is_sink: bool) -> DestinationKind:
        kind = self._destinations.get_kind(name)
        try:
            # In a thread, as a kind may load a library for it.
            await asyncio.to_thread(kind.check_options, options)
        except DestinationRefused as error:
            where = "sink" if is_sink else f"destination.{error.option}"
            raise _invalid(where, str(error)) from None
        return kind

    def _row(self, subscription: Subscription) -> dict[str, Any]:
        """Return the columns of a subscription's row, with its secrets sealed."""
        names = ("id", "name", "kind", "sink", "active", "created")
        row = {name: getattr(subscription, name) for name in names}
        kind, options = self._destinations.get_kind(subscription.kind), subscription.options
        public = {name: value for name, value in options.items() if name not in kind.secrets}
        secret = {name: value for name, value in options.items() if name in kind.secrets}
        return row | {
            "mode": options.get("mode", _DEFAULTS["mode"]),
            "filters": _dumped(subscription.filters),
            "secrets": self._sealed(subscription.secrets),
            "options": _dumped(public),
            "sealed_options": self._sealed(secret),
        }

    def _sealed(self, secrets: Any) -> str:
        return self._encryptor.encrypt(_dumped(secrets)) if secrets else ""

    def _opened(self, sealed: str) -> Any:
        return orjson.loads(self._encryptor.decrypt(sealed)) if sealed else ()

    def _shown(self, subscription: Subscription, off: Mapping[str, str]) -> dict[str, Any]:
        kind, options = subscription.kind, subscription.options
        masked = self._destinations.mask_options(kind, options)
        return {
            "id": subscription.id,
            "name": subscription.name,
            "sink": subscription.sink,
            "mode": options.get("mode", _DEFAULTS["mode"]),
            "filters": subscription.filters,
            "active": subscription.active,
            "signed": bool(subscription.secrets or subscription.unusable),
            "created": format_ms(subscription.created),
            "turnedOff": off.get(subscription.id) or subscription.unusable or None,
            "destination": {"kind": kind, **masked},
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
                (filters.parse_filter(s.filters), Destination(s.id, self._endpoint(s)))
                for s in known.values()
                if s.active
            ]
            self._known = known

    def _read(self, connection: Connection) -> dict[str, Subscription]:
        rows = connection.execute(select(subscriptions))
        return {row.id: self._subscription(row._asdict()) for row in rows}

    def _endpoint(self, subscription: Subscription) -> str:
        kind = self._destinations.get_kind(subscription.kind)
        return kind.endpoint(subscription.options, subscription.id)

    def _subscription(self, row: dict[str, Any]) -> Subscription:
        known = Subscription(
            id=row["id"],
            name=row["name"],
            kind=row["kind"],
            options=orjson.loads(row["options"]),
            sink=row["sink"],
            filters=orjson.loads(row["filters"]),
            active=row["active"],
            secrets=(),
            created=row["created"],
        )
        try:
            secret_options = dict(self._opened(row["sealed_options"]))
            secrets = self._opened(row["secrets"])
        except Undecryptable as error:
            masked = dict.fromkeys(self._destinations.get_kind(known.kind).secrets, MASK)
            return known._replace(options={**known.options, **masked}, unusable=str(error))
        return known._replace(options={**known.options, **secret_options}, secrets=secrets)


def _with_secret(shown: dict[str, Any], subscription: Subscription) -> dict[str, Any]:
    secret = subscription.secrets[0][0] if subscription.secrets else None
    return shown | {"secret": secret}


def _place(subscription: Subscription) -> tuple[int, str]:
    return subscription.created, subscription.id


def _cursor(subscription: Subscription) -> str:
    return f"{subscription.created}_{subscription.id}"


def _read_cursor(cursor: str) -> tuple[int, str]:
    created, _, id_ = cursor.partition("_")
    return int(created), id_


def _insert(row: Mapping[str, Any], connection: Connection) -> None:
    connection.execute(insert(subscriptions), row)


def _change(row: Mapping[str, Any], connection: Connection) -> None:
    connection.execute(update(subscriptions).where(subscriptions.c.id == row["id"]).values(row))
    forget_target(connection, KIND, row["id"])


def _remove(id_: str, connection: Connection) -> None:
    connection.execute(delete(subscriptions).where(subscriptions.c.id == id_))
    forget_target(connection, KIND, id_)


def _with_kept_options(known: Subscription, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the body with the known option for each that is sent back masked."""
    given = body.get("destination", {})
    if given.get("kind") != known.kind:
        return body
    kept = {
        name: known.options[name] for name in given.keys() & known.options if given[name] == MASK
    }
    return {**body, "destination": {**given, **kept}}


def _destination(body: Mapping[str, Any]) -> tuple[str, Options]:
    """Return the kind and the options of a destination; a sink is a webhook."""
    if "sink" in body:
        return WEBHOOK, {"url": body["sink"], "mode": body["mode"]}
    options = dict(body["destination"])
    return options.pop("kind"), options


def _refuse_unstorable(body: Mapping[str, Any]) -> None:
    for name, value in body.items():
        rest = [value]  # a list, as filters may nest deeper than calls
        while rest:
            inner = rest.pop()
            if isinstance(inner, dict):
                rest += [*inner, *inner.values()]
            elif isinstance(inner, list):
                rest += inner
            elif isinstance(inner, str) and not is_storable(inner):
                raise _invalid(name, "has a NUL or half a surrogate pair")


def _dumped(value: Any) -> str:
    return write_json(value).decode()


def _invalid(name: str, message: str) -> Invalid:
    return Invalid([Violation("body", name, "format", None, message, (name,))])
