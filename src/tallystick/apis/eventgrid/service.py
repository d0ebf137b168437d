"""What eventgrid does for a project."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from tallystick.apis.eventgrid import (
    attributes,
    channels,
    credentials,
    dev_world,
    publishing,
    quotas,
    sources,
    subscriptions,
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
    """Keeps channels, sources and subscriptions, and takes the events that are published."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._sources = Sources(context.encryptor)
        targets = Targets(context.outbox.sender.addresses, context.encryptor)
        self._subscriptions = EventgridSubscriptions(targets)
        self._known = EventgridCredentials(context.keys, context.database, context.encryptor)
        self.credentials: Mapping[str, CredentialFunction] = {
            "eventgridToken": self._known.authenticate_token,
            "eventgridSignature": self._known.authenticate_signature,
        }

    async def open(self) -> None:
        """Make the dev world where there is one, load who may sign, and begin to deliver."""
        if self._context.settings.dev:
            await self._open_dev_world()
        await self._write(self._subscriptions.note_destinations)
        self._context.outbox.register_adapter(
            KIND, TargetDeliveryAdapter(self._context.database, self._subscriptions)
        )
        await self._known.open()

    async def close(self) -> None:
        """Nothing to give back."""

    def samples(self, base_url: str) -> list[Sample]:
        """Lines to paste."""
        return dev_world.samples(base_url)

    async def list_channels(
        self, project: str, *, sort: str, offset: int, limit: int, **wanted: str | None
    ) -> Body:
        """One page of a project's channels."""
        found = await self._read(lambda c: channels.list_channels(c, project))
        containing = {"name": wanted.pop("fuzzy_name")}
        return to_page(
            found, equal=wanted, containing=containing, sort=sort, offset=offset, limit=limit
        )

    async def get_channel(self, project: str, id_: str) -> Body:
        """One channel; raises `NotFound`."""
        return await self._read(lambda c: channels.get_channel(c, project, id_))

    async def create_channel(self, project: str, body: Body) -> Body:
        """A new channel."""
        texts.refuse_unstorable(body)
        return await self._write(lambda c: channels.create_channel(c, project, body, self._now()))

    async def update_channel(self, project: str, id_: str, body: Body) -> Body:
        """The channel as it is from now on."""
        texts.refuse_unstorable(body)
        return await self._write(
            lambda c: channels.update_channel(c, project, id_, body, self._now())
        )

    async def delete_channel(self, project: str, id_: str) -> None:
        """Delete a channel that nothing uses."""
        await self._write(lambda c: channels.delete_channel(c, project, id_))

    async def list_sources(
        self, project: str, *, sort: str, offset: int, limit: int, **wanted: str | None
    ) -> Body:
        """One page of a project's sources."""
        found = await self._read(lambda c: self._sources.list_sources(c, project))
        containing = {"name": wanted.pop("fuzzy_name"), "label": wanted.pop("fuzzy_label")}
        return to_page(
            found, equal=wanted, containing=containing, sort=sort, offset=offset, limit=limit
        )

    async def get_source(self, project: str, id_: str) -> Body:
        """One source; raises `NotFound`."""
        return await self._read(lambda c: self._sources.get_source(c, project, id_))

    async def create_source(self, project: str, body: Body) -> Body:
        """A new source."""
        texts.refuse_unstorable(body)
        return await self._write(
            lambda c: self._sources.create_source(c, project, body, self._now())
        )

    async def update_source(self, project: str, id_: str, body: Body) -> Body:
        """The source as it is from now on."""
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
        """One page of a project's subscriptions."""
        found = await self._read(lambda c: self._subscriptions.list_subscriptions(c, project))
        containing = {"name": wanted.pop("fuzzy_name")}
        return to_page(
            found, equal=wanted, containing=containing, sort=sort, offset=offset, limit=limit
        )

    async def get_subscription(self, project: str, id_: str) -> Body:
        """One subscription; raises `NotFound`."""
        return await self._read(lambda c: self._subscriptions.get_subscription(c, project, id_))

    async def create_subscription(self, project: str, body: Body) -> Body:
        """A new subscription."""
        texts.refuse_unstorable(body)
        now_ms = self._now()
        return await self._write(
            lambda c: self._subscriptions.create_subscription(c, project, body, now_ms)
        )

    async def update_subscription(self, project: str, id_: str, body: Body) -> Body:
        """The subscription as it is from now on."""
        texts.refuse_unstorable(body)
        now_ms = self._now()
        return await self._write(
            lambda c: self._subscriptions.update_subscription(c, project, id_, body, now_ms)
        )

    async def delete_subscription(self, project: str, id_: str) -> None:
        """Delete a subscription."""
        await self._write(lambda c: self._subscriptions.delete_subscription(c, project, id_))

    async def operate_subscriptions(self, project: str, body: Body) -> Body:
        """Enable or disable subscriptions, and say what became of each.

        What is held for those that are enabled is delivered.
        """
        ids: Sequence[str] = body["subscription_ids"]
        now_ms = self._now()
        unknown = await self._write(
            lambda c: subscriptions.operate_subscriptions(
                c, project, body["operation"], ids, now_ms
            )
        )
        if body["operation"] == subscriptions.ENABLE:
            await self._resume(project, ids)
        return {"failed_count": len(unknown), "events": [_operated(i, i in unknown) for i in ids]}

    async def publish_events(
        self, project: str, channel_id: str, body: Body, request: Request
    ) -> Body:
        """Store the events of sources that the channel has, and say what became of each."""
        for index, event in enumerate(body["events"]):
            attributes.refuse_bad_values(event, f"events.{index}")
        sent = publishing.read_events(body, request.body)
        channel = await self._read(lambda c: self._channel(c, project, channel_id))
        outbox = self._context.outbox
        kept = publishing.to_events(channel, body["events"], sent, outbox, self._now())
        await self._context.log.append_all(kept)
        return publishing.results(channel, body["events"])

    async def check_events(self, project: str, body: Body) -> Body:
        """Whether events of these sources can be published to these channels."""

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
        """One page of the events that a channel has received between two times."""
        for name, value in {"channel_id": channel_id, **wanted}.items():
            texts.refuse_unstorable(value, name)
        return await self._read(
            lambda c: tracing.list_traces(c, project, channel_id, span, offset, limit, wanted)
        )

    async def list_quotas(self, project: str, kind: str | None) -> Body:
        """How many of each kind the project may have, and has."""
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
        names = sources.list_names(connection, project, id_)
        found = self._subscriptions.listeners(connection, project, id_)
        return Channel(project, id_, names, found)

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
