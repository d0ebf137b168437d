"""Calls about events: to publish them, and to trace them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from tallystick.apis.eventgrid import attributes, channels, publishing, sources, texts, tracing
from tallystick.apis.eventgrid.publishing import Channel
from tallystick.apis.eventgrid.subscriptions import EventgridSubscriptions
from tallystick.apis.eventgrid.targets import KIND
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.exceptions import NotFound
from tallystick.contract.request import Request
from tallystick.delivery import DeliverySelection

Body = Mapping[str, Any]


class EventCalls:
    """The calls that publish events to the channels of a project, and trace them."""

    def __init__(self, context: ServiceContext, known: EventgridSubscriptions) -> None:
        self._context = context
        self._database = context.database
        self._subscriptions = known

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

    async def check_events(self, project: str, body: Body) -> Body:
        """Return whether events of these sources can be published to these channels."""
        texts.refuse_unstorable(body)

        def found(connection: Connection) -> list[tuple[str, str, bool]]:
            return [
                (one["channel_id"], one["source_name"], _is_there(connection, project, one))
                for one in body["sources"]
            ]

        checked = await self._database.read(found)
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
        texts.refuse_unstorable({"channel_id": channel_id, **wanted})
        return await self._database.read(
            lambda c: tracing.list_traces(c, project, channel_id, span, offset, limit, wanted)
        )

    async def get_traced_event(self, project: str, event_id: str) -> Body:
        """Return the newest event of this id as it was published; raise `NotFound`."""
        texts.refuse_unstorable(event_id, "trace_id")
        return await self._database.read(lambda c: tracing.get_published(c, project, event_id))

    async def get_event_trace(self, project: str, event_id: str, channel_id: str) -> Body:
        """Return the deliveries of the newest event of this id in a channel; raise `NotFound`."""
        texts.refuse_unstorable({"trace_id": event_id, "channel_id": channel_id})
        found = await self._database.read(
            lambda c: tracing.get_matches(c, project, event_id, channel_id, self._subscriptions)
        )
        outbox = self._context.outbox
        made = DeliverySelection(event_id=found.event_id, kind=KIND)
        deliveries = await outbox.list_deliveries(made)
        attempts = await outbox.list_attempts([delivery.id for delivery in deliveries])
        return tracing.event_trace(found, deliveries, attempts)

    async def _publish(self, load: Callable[[Connection], Channel], body: Body, raw: bytes) -> Body:
        for index, event in enumerate(body["events"]):
            attributes.refuse_bad_values(event, f"events.{index}")
        sent = publishing.read_events(body, raw)
        channel = await self._database.read(load)
        outbox = self._context.outbox
        kept = publishing.to_events(
            channel, body["events"], sent, outbox, self._context.clock.now_ms()
        )
        await self._context.log.append_all(kept)
        return publishing.results(channel, body["events"])

    def _channel(self, connection: Connection, project: str, id_: str) -> Channel:
        channels.get_channel(connection, project, id_)
        channels.get_custom_channel(connection, project, id_)
        return publishing.load_channel(connection, project, id_, self._subscriptions)


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
