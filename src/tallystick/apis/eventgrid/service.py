"""The service of eventgrid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection

from tallystick.apis.dead_letters import expire_dead_letters
from tallystick.apis.eventgrid import (
    channels,
    connections,
    credentials,
    dev_world,
    iam,
    quotas,
    sources,
    texts,
)
from tallystick.apis.eventgrid.credentials import API, EventgridCredentials
from tallystick.apis.eventgrid.dead_letter_queue import DEAD_LETTER, DeadLetterAdapter
from tallystick.apis.eventgrid.delivery import TargetDeliveryAdapter
from tallystick.apis.eventgrid.event_calls import EventCalls
from tallystick.apis.eventgrid.kafka_targets import KafkaTargets
from tallystick.apis.eventgrid.listing import to_page
from tallystick.apis.eventgrid.queue_consumers import QueueConsumers
from tallystick.apis.eventgrid.sources import Sources
from tallystick.apis.eventgrid.subscribed_targets import SubscribedTargets
from tallystick.apis.eventgrid.subscription_calls import SubscriptionCalls
from tallystick.apis.eventgrid.subscriptions import EventgridSubscriptions
from tallystick.apis.eventgrid.targets import KIND, Targets
from tallystick.apis.keys import ALL_SCOPES
from tallystick.apis.rabbitmq_instances import RabbitmqInstances
from tallystick.apis.service_context import CredentialFunction, Sample, ServiceContext
from tallystick.contract.exceptions import Unauthenticated
from tallystick.encryption import as_public
from tallystick.metric_family import MetricFamily

Body = Mapping[str, Any]
T = TypeVar("T")


class EventgridService:
    """Keeps channels and sources; has the calls about subscriptions and about events."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        instances = RabbitmqInstances(context.settings.eventgrid_rabbitmq, context.encryptor)
        self._sources = Sources(context.encryptor, instances)
        known = Targets(context.outbox.sender.addresses, context.encryptor)
        self._subscriptions = EventgridSubscriptions(known)
        self.subscriptions = SubscriptionCalls(
            context, self._subscriptions, SubscribedTargets(known)
        )
        self.events = EventCalls(context, self._subscriptions)
        self._consumers = QueueConsumers(context, self._subscriptions, instances)
        context.log.add_expirer(expire_dead_letters)
        self._known = EventgridCredentials(context.keys, context.database, context.encryptor)
        self.credentials: Mapping[str, CredentialFunction] = {
            "eventgridToken": self._known.authenticate_token,
            "eventgridSignature": self._known.authenticate_signature,
            "eventgridIamToken": self._known.authenticate_iam_token,
            "eventgridIamSignature": self._known.authenticate_iam_signature,
        }
        self.dev_credentials = {"key": dev_world.TOKEN, "project": dev_world.PROJECT}

    async def open(self) -> None:
        """Make the dev world if there is one, load the signing keys, and begin to deliver."""
        if self._context.settings.dev:
            await self._open_dev_world()
        await self._write(self._subscriptions.note_destinations)
        self._register_adapters()
        await self._known.open()

    async def start(self) -> None:
        """Begin to read the queues of sources."""
        await self._consumers.start()

    async def close(self) -> None:
        """Stop reading queues."""
        await self._consumers.close()

    def families(self) -> list[MetricFamily]:
        """Return the counts of messages of queues."""
        return self._consumers.families()

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
        texts.refuse_unstorable(body)
        identity, scope = body["auth"]["identity"], body["auth"].get("scope")
        access_key, secret_key = iam.read_keys(identity)
        try:
            token, project, times = self._known.issue_token(access_key, secret_key)
        except Unauthenticated:
            self._context.count_bad_credential()
            raise
        iam.refuse_other_project(scope, project)
        return token, iam.token_body(identity, scope, access_key, project, times)

    async def list_quotas(self, project: str, kind: str | None) -> Body:
        """Return the quota and the use of each kind."""
        resources = await self._read(lambda c: quotas.list_quotas(c, project, kind))
        return {"quotas": {"resources": resources}}

    def _register_adapters(self) -> None:
        context, outbox, known = self._context, self._context.outbox, self._subscriptions
        kafka = KafkaTargets(context)
        dead_letters = DeadLetterAdapter(context, known, kafka)
        outbox.register_adapter(KIND, TargetDeliveryAdapter(context, known, kafka, dead_letters))
        outbox.register_adapter(DEAD_LETTER, dead_letters)
        outbox.add_failure_listener(dead_letters.on_failure)

    async def _open_dev_world(self) -> None:
        create = self._context.keys.create_key
        own, other = dev_world.PROJECT, dev_world.OTHER_PROJECT
        key, _ = await create(API, "dev", [ALL_SCOPES], own, secret=dev_world.TOKEN)
        await create(API, "dev read", dev_world.READ_SCOPES, own, secret=dev_world.READ_TOKEN)
        await create(API, "dev other", [ALL_SCOPES], other, secret=dev_world.OTHER_TOKEN)
        pair = (dev_world.ACCESS_KEY, as_public(dev_world.SECRET_KEY))
        await self._write(lambda c: credentials.add_credential(c, *pair, key))
        await self._write(lambda c: dev_world.restore(c, self._now()))

    def _now(self) -> int:
        return self._context.clock.now_ms()

    async def _read(self, function: Callable[[Connection], T]) -> T:
        return await self._context.database.read(function)

    async def _write(self, function: Callable[[Connection], T]) -> T:
        return await self._context.database.write(function)
