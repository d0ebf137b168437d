"""Targets of a subscription, each by calls of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from tallystick.apis.eventgrid import channels, quotas, subscription_rows, targets
from tallystick.apis.eventgrid.exceptions import BadValue, InvalidChannel, QuotaReached
from tallystick.apis.eventgrid.targets import KIND, Target, Targets
from tallystick.delivery import forget_target


class SubscribedTargets:
    """The targets of all subscriptions, to be shown and changed one by one."""

    def __init__(self, known: Targets) -> None:
        self._targets = known

    def get_target(self, connection: Connection, project: str, id_: str, target_id: str) -> Target:
        """Return one target of a subscription, its secrets masked; raise `NotFound`."""
        known = self._targets.known(subscription_rows.get_row(connection, project, id_))
        return targets.mask_target(subscription_rows.get_part(known, target_id, "target"))

    def create_target(
        self, connection: Connection, project: str, id_: str, body: Target, now_ms: int
    ) -> Target:
        """Add a target to a subscription; raise as `Targets.made`."""
        row = subscription_rows.lock_row(connection, project, id_)
        known = self._targets.known(row)
        if len(known) >= quotas.TARGETS:
            raise QuotaReached
        if any(target["id"] == body.get("id") for target in known):
            raise BadValue("id belongs to another target")
        made = self._made_target(connection, row, body, None, now_ms)
        self._write_targets(connection, id_, [*known, made], now_ms)
        return targets.mask_target(made)

    def update_target(
        self,
        connection: Connection,
        project: str,
        id_: str,
        target_id: str,
        body: Target,
        now_ms: int,
    ) -> Target:
        """Return a target of a subscription as it is from now on; raise as `Targets.made`.

        It is sent to again, where it was turned off.
        """
        row = subscription_rows.lock_row(connection, project, id_)
        known = self._targets.known(row)
        before = subscription_rows.get_part(known, target_id, "target")
        made = self._made_target(connection, row, {**body, "id": target_id}, before, now_ms)
        changed = [made if target is before else target for target in known]
        self._write_targets(connection, id_, changed, now_ms)
        forget_target(connection, KIND, targets.key(id_, target_id))
        return targets.mask_target(made)

    def delete_target(
        self, connection: Connection, project: str, id_: str, target_id: str, now_ms: int
    ) -> None:
        """Delete a target of a subscription, and hold its deliveries; raise `NotFound`."""
        known = self._targets.known(subscription_rows.lock_row(connection, project, id_))
        removed = subscription_rows.get_part(known, target_id, "target")
        left = [target for target in known if target is not removed]
        self._write_targets(connection, id_, left, now_ms)
        forget_target(connection, KIND, targets.key(id_, target_id))

    def _made_target(
        self,
        connection: Connection,
        row: Row[Any],
        body: Target,
        known: Target | None,
        now_ms: int,
    ) -> Target:
        refuse_bad_channels(connection, row.project, subscription_rows.channel_id(row), [body])
        return self._targets.made(body, known, "the target", now_ms)

    def _write_targets(
        self, connection: Connection, id_: str, made: Sequence[Target], now_ms: int
    ) -> None:
        subscription_rows.write_row(
            connection, id_, self._targets.sealed_columns(id_, made), now_ms
        )


def refuse_bad_channels(
    connection: Connection, project: str, channel_id: str, given: Sequence[Target]
) -> None:
    """Raise `InvalidChannel` for a target other than another custom channel of the project."""
    for target in given:
        detail = target.get(targets.EG_DETAIL)
        if detail is not None:
            wanted = detail["target_channel_id"]
            if detail["target_project_id"] != project or wanted == channel_id:
                raise InvalidChannel("The target must be another channel of the project.")
            channels.get_custom_channel(connection, project, wanted)
