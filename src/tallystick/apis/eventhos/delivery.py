"""Deliveries of events to the actions of their contracts, and of replies back as events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from tallystick.apis.eventhos import action_request, to_event
from tallystick.apis.eventhos.actions import ActionCall
from tallystick.apis.eventhos.dialect import Dialect
from tallystick.apis.eventhos.grants import TokenGrants
from tallystick.apis.eventhos.sender_directory import EventhosContract, SenderDirectory
from tallystick.apis.eventhos.templates import Unfilled
from tallystick.clock import Clock
from tallystick.delivery import (
    AttemptOutcome,
    Delivery,
    DeliveryFailure,
    EndpointResponse,
    Held,
    Outbox,
    OutgoingRequest,
    Undeliverable,
)
from tallystick.encryption import Undecryptable
from tallystick.events import Event, EventLog
from tallystick.store import Entry

_log = logging.getLogger(__name__)


class ContractDeliveryAdapter:
    """The adapter of a contract's deliveries; see `tallystick.delivery.DeliveryAdapter`."""

    def __init__(
        self,
        directory: SenderDirectory,
        call: Callable[[str], ActionCall],
        grants: TokenGrants,
        outbox: Outbox,
        log: EventLog,
        clock: Clock,
        timeout_s: int,
        dialect: Dialect,
        scheme: str,
    ) -> None:
        """`call` decrypts a call; `timeout_s` is for those without their own.

        `scheme` is that of the server's public address.
        """
        self._scheme = scheme
        self._timeout_s = timeout_s
        self._dialect = dialect
        self._directory = directory
        self._call = call
        self._grants = grants
        self._outbox = outbox
        self._log = log
        self._clock = clock

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        """Return the action's call with its placeholders filled."""
        call = self._opened(await self._contract(delivery))
        answered, secrets = await self._token(call, delivery)
        try:
            return action_request.build_request(
                call,
                event,
                action_request.build_scope(event, answered, self._scheme),
                secrets,
                now_ms=self._clock.now_ms(),
                timeout_s=self._timeout_s,
                dialect=self._dialect,
            )
        except Unfilled as error:
            raise Undeliverable(str(error)) from None

    def on_response(
        self, delivery: Delivery, event: Event, response: EndpointResponse
    ) -> Sequence[Entry]:
        """Return the rows of the event made of the response, if the action has ``reply_to``."""
        contract = self._directory.get_contract(delivery.target)
        call = self._opened(contract) if contract else None
        if call is None or call.reply_to is None:
            return ()
        kind = self._directory.get_event_type(call.reply_to)
        if kind is None:
            _log.warning("%s: the event of reply_to does not exist", delivery.id)
            return ()
        try:
            reply = to_event.reply_to_event(kind, event, response, self._clock.now_ms())
        except to_event.NoReply as error:
            _log.warning("%s: %s", delivery.id, error)
            return ()
        rows = self._outbox.build_deliveries(reply, to_event.API, kind.destinations)
        return self._log.build_rows(reply, *rows)

    async def _contract(self, delivery: Delivery) -> EventhosContract:
        contract = self._directory.get_contract(delivery.target)
        if contract is None:
            # Another process may have created it just now.
            await self._directory.load()
            contract = self._directory.get_contract(delivery.target)
        if contract is None:
            raise Held("the contract is not active")
        return contract

    def _opened(self, contract: EventhosContract) -> ActionCall:
        try:
            return self._call(contract.call)
        except Undecryptable as error:  # another process may have the key
            raise DeliveryFailure(AttemptOutcome.LOCAL, str(error)) from None

    async def _token(
        self, call: ActionCall, delivery: Delivery
    ) -> tuple[Mapping[str, object], tuple[str, ...]]:
        if call.grant is None:
            return {}, ()
        # A retry gets a newer token, as the earlier one may have been withdrawn.
        granted = await self._grants.get_token(
            call.grant, delivery.due if delivery.attempts > 1 else 0
        )
        return granted.response, (call.grant.client_secret, *granted.secrets)
