"""Calls about subscriptions, each in a transaction of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from tallystick.apis.eventgrid import subscribed_sources, subscriptions, targets, texts
from tallystick.apis.eventgrid.error_format import item_error
from tallystick.apis.eventgrid.listing import to_page
from tallystick.apis.eventgrid.subscribed_targets import SubscribedTargets
from tallystick.apis.eventgrid.subscriptions import EventgridSubscriptions
from tallystick.apis.eventgrid.targets import KIND
from tallystick.apis.service_context import ServiceContext
from tallystick.delivery import DeliverySelection, DeliveryState
from tallystick.store.revisions import INTERVAL_S

Body = Mapping[str, Any]
T = TypeVar("T")


class SubscriptionCalls:
    """The calls that list, change and operate a project's subscriptions."""

    def __init__(
        self,
        context: ServiceContext,
        known: EventgridSubscriptions,
        known_targets: SubscribedTargets,
    ) -> None:
        self._context = context
        self._database = context.database
        self._subscriptions = known
        self._targets = known_targets

    async def list_subscriptions(
        self, project: str, *, sort: str, offset: int, limit: int, **wanted: str | None
    ) -> Body:
        """Return one page of a project's subscriptions."""
        enterprise_project = wanted.pop("enterprise_project_id")
        connection_id = wanted.pop("connection_id")
        found = await self._database.read(
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
        return await self._database.read(
            lambda c: self._subscriptions.get_subscription(c, project, id_, enterprise_project)
        )

    async def create_subscription(
        self, project: str, body: Body, enterprise_project: str | None = None
    ) -> Body:
        """Create a subscription to a channel of the enterprise project."""
        texts.refuse_unstorable(body)
        _refuse_incomplete(body)
        now_ms = self._context.clock.now_ms()

        def created(connection: Connection) -> Body:
            subscribed_sources.get_channel(
                connection, project, body["channel_id"], enterprise_project
            )
            return self._subscriptions.create_subscription(connection, project, body, now_ms)

        return await self._database.write(created)

    async def update_subscription(
        self, project: str, id_: str, body: Body, enterprise_project: str | None = None
    ) -> Body:
        """Return the subscription as it is from now on."""
        texts.refuse_unstorable(body)
        _refuse_incomplete(body)
        now_ms = self._context.clock.now_ms()
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
        now_ms = self._context.clock.now_ms()
        return await self._change_subscription(
            project,
            id_,
            enterprise_project,
            lambda c: subscribed_sources.update_source(c, project, id_, source_id, body, now_ms),
        )

    async def get_target(
        self, project: str, id_: str, target_id: str, enterprise_project: str | None = None
    ) -> Body:
        """Return one target of a subscription; raise `NotFound`."""

        def found(connection: Connection) -> Body:
            self._subscriptions.get_subscription(connection, project, id_, enterprise_project)
            return self._targets.get_target(connection, project, id_, target_id)

        return await self._database.read(found)

    async def create_target(
        self, project: str, id_: str, body: Body, enterprise_project: str | None = None
    ) -> Body:
        """Add a target to a subscription."""
        texts.refuse_unstorable(body)
        targets.refuse_incomplete(body, "the target")
        now_ms = self._context.clock.now_ms()
        return await self._change_subscription(
            project,
            id_,
            enterprise_project,
            lambda c: self._targets.create_target(c, project, id_, body, now_ms),
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
        now_ms = self._context.clock.now_ms()
        return await self._change_subscription(
            project,
            id_,
            enterprise_project,
            lambda c: self._targets.update_target(c, project, id_, target_id, body, now_ms),
        )

    async def delete_target(
        self, project: str, id_: str, target_id: str, enterprise_project: str | None = None
    ) -> None:
        """Delete a target of a subscription."""
        now_ms = self._context.clock.now_ms()
        await self._change_subscription(
            project,
            id_,
            enterprise_project,
            lambda c: self._targets.delete_target(c, project, id_, target_id, now_ms),
        )

    async def operate_subscriptions(
        self, project: str, body: Body, enterprise_project: str | None = None
    ) -> Body:
        """Enable or disable subscriptions, and return the result of each.

        Held deliveries of the enabled ones are sent.
        """
        texts.refuse_unstorable(body)
        ids: Sequence[str] = body["subscription_ids"]
        now_ms = self._context.clock.now_ms()

        def operated(connection: Connection) -> list[str]:
            known = self._subscriptions.list_subscriptions(connection, project, enterprise_project)
            own = {subscription["id"] for subscription in known}
            chosen = [id_ for id_ in ids if id_ in own]
            subscriptions.operate_subscriptions(
                connection, project, body["operation"], chosen, now_ms
            )
            return [id_ for id_ in ids if id_ not in own]

        unknown = await self._database.write(operated)
        if body["operation"] == subscriptions.ENABLE:
            await self._resume(project, ids)
        results = [{"subscription_id": id_, **item_error(id_ not in unknown)} for id_ in ids]
        return {"failed_count": len(unknown), "events": results}

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

        return await self._database.write(changed)

    async def _resume(self, project: str, ids: Sequence[str]) -> None:
        outbox = self._context.outbox
        keys = await self._database.read(lambda c: self._subscriptions.keys(c, project, ids))
        if off := set(keys).intersection(await outbox.list_disabled_targets(KIND)):
            for key in off:
                await outbox.enable_target(KIND, key)
            # Until every process that delivers has noticed, it would only hold them again.
            await asyncio.sleep(2 * INTERVAL_S)
        for key in keys:
            await outbox.replay_deliveries(
                DeliverySelection(kind=KIND, target=key, states=frozenset({DeliveryState.HELD}))
            )


def _refuse_incomplete(body: Body) -> None:
    for index, target in enumerate(body.get("targets") or ()):
        targets.refuse_incomplete(target, f"targets.{index}")


def _uses_connection(subscription: Body, id_: str) -> bool:
    return any(targets.uses_connection(target, id_) for target in subscription["targets"])
