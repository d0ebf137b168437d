"""The service of eventgrid."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from tallystick.apis.eventgrid import (
    attributes,
    channels,
    connections,
    credentials,
    dev_world,
    iam,
    publishing,
    quotas,
    sources,
    subscriptions,
    targets,
    texts,
    tracing,
)
from tallystick.apis.eventgrid.credentials import API, EventgridCredentials
from tallystick.apis.eventgrid.delivery import TargetDeliveryAdapter
from tallystick.apis.eventgrid.error_format import NOT_FOUND
from tallystick.apis.eventgrid.listing import to_page
from tallystick.apis.eventgrid.publishing import Channel
from tallystick.apis.eventgrid.sources import Sources
from tallystick.apis.eventgrid.subscriptions import KIND, EventgridSubscriptions
from tallystick.apis.eventgrid.targets import Targets
from tallystick.apis.keys import ALL_SCOPES
from tallystick.apis.service_context import CredentialFunction, Sample, ServiceContext
from tallystick.contract.exceptions import NotFound
from tallystick.contract.request import Request
from tallystick.delivery import DeliverySelection, DeliveryState
from tallystick.store.revisions import INTERVAL_S

Body = Mapping[str, Any]
T = TypeVar("T")


class EventgridService:
    """Keeps channels, sources and subscriptions, and takes published events."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._sources = Sources(context.encryptor)
        known = Targets(context.outbox.sender.addresses, context.encryptor)
        self._subscriptions = EventgridSubscriptions(known)
        self._known = EventgridCredentials(context.keys, context.database, context.encryptor)
        self.credentials: Mapping[str, CredentialFunction] = {
            "eventgridToken": self._known.authenticate_token,
            "eventgridSignature": self._known.authenticate_signature,
            "eventgridIamToken": self._known.authenticate_iam_token,
            "eventgridIamSignature": self._known.authenticate_iam_signature,
        }

    async def open(self) -> None:
        """Make the dev world if there is one, load the signing keys, and begin to deliver."""
        if self._context.settings.dev:
            await self._open_dev_world()
        await self._write(self._subscriptions.note_destinations)
        self._context.outbox.register_adapter(
            KIND, TargetDeliveryAdapter(self._context, self._subscriptions)
        )
        await self._known.open()

    async def close(self) -> None:
        """Release the resources of the service; there are none."""

    def samples(self, base_url: str) -> list[Sample]:
        """Return lines to paste."""
        return dev_world.samples(base_url)

    async def list_channels(
        self, project: str, *, sort: str, offset: int, limit: int, **wanted: str | None
    ) -> Body:
        """Return one page of a project's channels."""
        enterprise_project = wanted.pop("enterprise_project_id")
        known = await self._read(lambda c: channels.list_channels(c, project))
        found = [c for c in known if channels.is_of_enterprise_project(c, enterprise_project)]
        containing = {"name": wanted.pop("fuzzy_name")}
        wanted["id"] = wanted.pop("channel_id")
        return to_page(
            found, equal=wanted, containing=containing, sort=sort, offset=offset, limit=limit
        )

    async def get_channel(
        self, project: str, id_: str, enterprise_project: str | None = None
    ) -> Body:
        """Return one channel; raise `NotFound`, also in another enterprise project."""
        return await self._read(lambda c: channels.get_channel(c, project, id_, enterprise_project))

    async def create_channel(
        self, project: str, body: Body, enterprise_project: str | None = None
    ) -> Body:
        """Create a channel in the enterprise project of the body, or else in the one given."""
        body = {
            **body,
            "enterprise_project_id": body.get("enterprise_project_id") or enterprise_project,
        }
        texts.refuse_unstorable(body)
        return await self._write(lambda c: channels.create_channel(c, project, body, self._now()))

    async def update_channel(
        self, project: str, id_: str, body: Body, enterprise_project: str | None = None
    ) -> Body:
        """Return the channel as it is from now on."""
        texts.refuse_unstorable(body)

        def updated(connection: Connection) -> Body:
            channels.get_channel(connection, project, id_, enterprise_project)
            return channels.update_channel(connection, project, id_, body, self._now())

        return await self._write(updated)

    async def delete_channel(
        self, project: str, id_: str, enterprise_project: str | None = None
    ) -> None:
        """Delete an unused channel."""

        def deleted(connection: Connection) -> None:
            channels.get_channel(connection, project, id_, enterprise_project)
            channels.delete_channel(connection, project, id_)

        await self._write(deleted)

    async def list_sources(
        self, project: str, *, sort: str, offset: int, limit: int, **wanted: str | None
    ) -> Body:
        """Return one page of a project's sources."""
        found = await self._read(lambda c: self._sources.list_sources(c, project))
        containing = {"name": wanted.pop("fuzzy_name"), "label": wanted.pop("fuzzy_label")}
        return to_page(
            found, equal=wanted, containing=containing, sort=sort, offset=offset, limit=limit
        )

    async def get_source(self, project: str, id_: str) -> Body:
        """Return one source; raise `NotFound`."""
        return await self._read(lambda c: self._sources.get_source(c, project, id_))

    async def create_source(self, project: str, body: Body) -> Body:
        """Create a source."""
        texts.refuse_unstorable(body)
        return await self._write(
            lambda c: self._sources.create_source(c, project, body, self._now())
        )

    async def update_source(self, project: str, id_: str, body: Body) -> Body:
        """Return the source as it is from now on."""
        texts.refuse_unstorable(body)
        return await self._write(
            lambda c: self._sources.update_source(c, project, id_, body, self._now())
        )

    async def delete_source(self, project: str, id_: str) -> None:
        """Delete a source."""
        await self._write(lambda c: sources.delete_source(c, project, id_))

    async def list_subscriptions(
        self, project: str, *, sort: str, offset: int, limit: int, **wanted: str | None
    ) -> Body:
        """Return one page of a project's subscriptions."""
        enterprise_project = wanted.pop("enterprise_project_id")
        connection_id = wanted.pop("connection_id")
        found = await self._read(
            lambda c: self._subscriptions.list_subscriptions(c, project, enterprise_project)
        )
        if connection_id is not None:
            found = [s for s in found if _uses_connection(s, connection_id)]
        containing = {"name": wanted.pop("fuzzy_name")}
        return to_page(
            found, equal=wanted, containing=containing, sort=sort, offset=offset, limit=limit
        )

    async def get_subscription(
        self, project: str, id_: str, enterprise_project: str | None = None
    ) -> Body:
        """Return one subscription; raise `NotFound`, also in another enterprise project."""
        return await self._read(
            lambda c: self._subscriptions.get_subscription(c, project, id_, enterprise_project)
        )

    async def create_subscription(
        self, project: str, body: Body, enterprise_project: str | None = None
    ) -> Body:
        """Create a subscription to a channel of the enterprise project."""
        texts.refuse_unstorable(body)
        _refuse_incomplete(body)
        now_ms = self._now()

        def created(connection: Connection) -> Body:
            subscriptions.get_channel(connection, project, body["channel_id"], enterprise_project)
            return self._subscriptions.create_subscription(connection, project, body, now_ms)

        return await self._write(created)

    async def update_subscription(
        self, project: str, id_: str, body: Body, enterprise_project: str | None = None
    ) -> Body:
        """Return the subscription as it is from now on."""
        texts.refuse_unstorable(body)
        _refuse_incomplete(body)
        now_ms = self._now()
        return await self._change_subscription(
            project,
            id_,
            enterprise_project,
            lambda c: self._subscriptions.update_subscription(c, project, id_, body, now_ms),
        )

    async def delete_subscription(
        self, project: str, id_: str, enterprise_project: str | None = None
    ) -> None:
        """Delete a subscription."""
        await self._change_subscription(
            project,
            id_,
            enterprise_project,
            lambda c: self._subscriptions.delete_subscription(c, project, id_),
        )

    async def update_subscription_source(
        self,
        project: str,
        id_: str,
        source_id: str,
        body: Body,
        enterprise_project: str | None = None,
    ) -> Body:
        """Return the source of a subscription as it is from now on."""
        texts.refuse_unstorable(body)
        now_ms = self._now()
        return await self._change_subscription(
            project,
            id_,
            enterprise_project,
            lambda c: self._subscriptions.update_source(c, project, id_, source_id, body, now_ms),
        )

    async def get_target(
        self, project: str, id_: str, target_id: str, enterprise_project: str | None = None
    ) -> Body:
        """Return one target of a subscription; raise `NotFound`."""

        def found(connection: Connection) -> Body:
            known = self._subscriptions
            known.get_subscription(connection, project, id_, enterprise_project)
            return known.get_shown_target(connection, project, id_, target_id)

        return await self._read(found)

    async def create_target(
        self, project: str, id_: str, body: Body, enterprise_project: str | None = None
    ) -> Body:
        """Add a target to a subscription."""
        texts.refuse_unstorable(body)
        targets.refuse_incomplete(body, "the target")
        now_ms = self._now()
        return await self._change_subscription(
            project,
            id_,
            enterprise_project,
            lambda c: self._subscriptions.create_target(c, project, id_, body, now_ms),
        )

    async def update_target(
        self,
        project: str,
        id_: str,
        target_id: str,
        body: Body,
        enterprise_project: str | None = None,
    ) -> Body:
        """Return a target of a subscription as it is from now on."""
        texts.refuse_unstorable(body)
        targets.refuse_incomplete(body, "the target")
        now_ms = self._now()
        return await self._change_subscription(
            project,
            id_,
            enterprise_project,
            lambda c: self._subscriptions.update_target(c, project, id_, target_id, body, now_ms),
        )

    async def delete_target(
        self, project: str, id_: str, target_id: str, enterprise_project: str | None = None
    ) -> None:
        """Delete a target of a subscription."""
        now_ms = self._now()
        await self._change_subscription(
            project,
            id_,
            enterprise_project,
            lambda c: self._subscriptions.delete_target(c, project, id_, target_id, now_ms),
        )

    async def _change_subscription(
        self,
        project: str,
        id_: str,
        enterprise_project: str | None,
        change: Callable[[Connection], T],
    ) -> T:
        def changed(connection: Connection) -> T:
            self._subscriptions.get_subscription(connection, project, id_, enterprise_project)
            return change(connection)

        return await self._write(changed)

    async def operate_subscriptions(
        self, project: str, body: Body, enterprise_project: str | None = None
    ) -> Body:
        """Enable or disable subscriptions, and return the result of each.

        Held deliveries of the enabled ones are sent.
        """
        ids: Sequence[str] = body["subscription_ids"]
        now_ms = self._now()

        def operated(connection: Connection) -> list[str]:
            known = self._subscriptions.list_subscriptions(connection, project, enterprise_project)
            own = {subscription["id"] for subscription in known}
            chosen = [id_ for id_ in ids if id_ in own]
            subscriptions.operate_subscriptions(
                connection, project, body["operation"], chosen, now_ms
            )
            return [id_ for id_ in ids if id_ not in own]

        unknown = await self._write(operated)
        if body["operation"] == subscriptions.ENABLE:
            await self._resume(project, ids)
        return {"failed_count": len(unknown), "events": [_operated(i, i in unknown) for i in ids]}

    async def publish_events(
        self, project: str, channel_id: str, body: Body, request: Request
    ) -> Body:
        """Store the events of known sources, and return the result of each."""
        return await self._publish(
            lambda c: self._channel(c, project, channel_id), body, request.body
        )

    async def publish_official_events(
        self, project: str, source: str, body: Body, request: Request
    ) -> Body:
        """Store events of a cloud service in the official channel; return the result of each."""
        id_ = channels.default_channel_id(project)

        def load(connection: Connection) -> Channel:
            found = publishing.load_channel(connection, project, id_, self._subscriptions)
            return found._replace(sources=frozenset({source}))

        return await self._publish(load, body, request.body)

    async def _publish(self, load: Callable[[Connection], Channel], body: Body, raw: bytes) -> Body:
        for index, event in enumerate(body["events"]):
            attributes.refuse_bad_values(event, f"events.{index}")
        sent = publishing.read_events(body, raw)
        channel = await self._read(load)
        outbox = self._context.outbox
        kept = publishing.to_events(channel, body["events"], sent, outbox, self._now())
        await self._context.log.append_all(kept)
        return publishing.results(channel, body["events"])

    async def check_events(self, project: str, body: Body) -> Body:
        """Return whether events of these sources can be published to these channels."""

        def found(connection: Connection) -> list[tuple[str, str, bool]]:
            return [
                (one["channel_id"], one["source_name"], _is_there(connection, project, one))
                for one in body["sources"]
            ]

        checked = await self._read(found)
        return {
            "failed_count": sum(not is_there for _, _, is_there in checked),
            "sources": [_checked(*one) for one in checked],
        }

    async def list_traces(
        self,
        project: str,
        channel_id: str,
        span: tuple[int, int],
        *,
        offset: int,
        limit: int,
        **wanted: str | None,
    ) -> Body:
        """Return one page of the events received by a channel between two times."""
        for name, value in {"channel_id": channel_id, **wanted}.items():
            texts.refuse_unstorable(value, name)
        return await self._read(
            lambda c: tracing.list_traces(c, project, channel_id, span, offset, limit, wanted)
        )

    async def get_traced_event(self, project: str, event_id: str) -> Body:
        """Return the newest event of this id as it was published; raise `NotFound`."""
        texts.refuse_unstorable(event_id, "trace_id")
        return await self._read(lambda c: tracing.get_published(c, project, event_id))

    async def get_event_trace(self, project: str, event_id: str, channel_id: str) -> Body:
        """Return the deliveries of the newest event of this id in a channel; raise `NotFound`."""
        texts.refuse_unstorable([event_id, channel_id], "trace_id")
        found = await self._read(
            lambda c: tracing.get_matches(c, project, event_id, channel_id, self._subscriptions)
        )
        outbox = self._context.outbox
        made = DeliverySelection(event_id=found.event_id, kind=KIND)
        deliveries = await outbox.list_deliveries(made)
        attempts = await outbox.list_attempts([delivery.id for delivery in deliveries])
        return tracing.event_trace(found, deliveries, attempts)

    async def list_connections(
        self, *, sort: str, offset: int, limit: int, **wanted: str | None
    ) -> Body:
        """Return one page of the connections, the same for every project."""
        is_kafka = wanted.pop("instance_id") is not None
        found = [] if is_kafka else connections.list_connections()
        containing = {"name": wanted.pop("fuzzy_name")}
        return to_page(
            found, equal=wanted, containing=containing, sort=sort, offset=offset, limit=limit
        )

    def get_connection(self, id_: str) -> Body:
        """Return one connection; raise `NotFound`."""
        return connections.get_connection(id_)

    def issue_token(self, body: Body) -> tuple[str, Body]:
        """Return a token with its description; raise `Unauthenticated` or `Forbidden`."""
        identity, scope = body["auth"]["identity"], body["auth"].get("scope")
        access_key, secret_key = iam.read_keys(identity)
        token, project, times = self._known.issue_token(access_key, secret_key)
        iam.refuse_other_project(scope, project)
        return token, iam.token_body(identity, scope, access_key, project, times)

    async def list_quotas(self, project: str, kind: str | None) -> Body:
        """Return the quota and the use of each kind."""
        resources = await self._read(lambda c: quotas.list_quotas(c, project, kind))
        return {"quotas": {"resources": resources}}

    async def _resume(self, project: str, ids: Sequence[str]) -> None:
        outbox = self._context.outbox
        keys = await self._read(lambda c: self._subscriptions.keys(c, project, ids))
        if off := set(keys).intersection(await outbox.list_disabled_targets(KIND)):
            for key in off:
                await outbox.enable_target(KIND, key)
            # Until every process that delivers has noticed, it would only hold them again.
            await asyncio.sleep(2 * INTERVAL_S)
        for key in keys:
            await outbox.replay_deliveries(
                DeliverySelection(kind=KIND, target=key, states=frozenset({DeliveryState.HELD}))
            )

    def _channel(self, connection: Connection, project: str, id_: str) -> Channel:
        channels.get_channel(connection, project, id_)
        channels.get_custom_channel(connection, project, id_)
        return publishing.load_channel(connection, project, id_, self._subscriptions)

    async def _open_dev_world(self) -> None:
        create = self._context.keys.create_key
        own, other = dev_world.PROJECT, dev_world.OTHER_PROJECT
        key, _ = await create(API, "dev", [ALL_SCOPES], own, secret=dev_world.TOKEN)
        await create(API, "dev read", dev_world.READ_SCOPES, own, secret=dev_world.READ_TOKEN)
        await create(API, "dev other", [ALL_SCOPES], other, secret=dev_world.OTHER_TOKEN)
        pair = (dev_world.ACCESS_KEY, dev_world.SECRET_KEY)
        encryptor = self._context.encryptor
        await credentials.add_credential(self._context.database, encryptor, *pair, key)
        await self._write(lambda c: dev_world.restore(c, self._now()))

    def _now(self) -> int:
        return self._context.clock.now_ms()

    async def _read(self, function: Callable[[Connection], T]) -> T:
        return await self._context.database.read(function)

    async def _write(self, function: Callable[[Connection], T]) -> T:
        return await self._context.database.write(function)


def _refuse_incomplete(body: Body) -> None:
    for index, target in enumerate(body.get("targets") or ()):
        targets.refuse_incomplete(target, f"targets.{index}")


def _uses_connection(subscription: Body, id_: str) -> bool:
    return any(targets.uses_connection(target, id_) for target in subscription["targets"])


def _is_there(connection: Connection, project: str, one: Mapping[str, str]) -> bool:
    try:
        channels.get_channel(connection, project, one["channel_id"])
    except NotFound:
        return False
    return one["source_name"] in sources.list_names(connection, project, one["channel_id"])


def _checked(channel_id: str, source_name: str, is_there: bool) -> Body:
    detail = "" if is_there else "The channel has no such source."
    result = {"check_result": is_there, "check_detail": detail}
    return {"channel_id": channel_id, "source_name": source_name, **result}


def _operated(id_: str, is_unknown: bool) -> Body:
    code, message = (NOT_FOUND, "Not request resource found") if is_unknown else (None, None)
    return {"subscription_id": id_, "error_code": code, "error_msg": message}
