"""Mails about failed calls of contracts, sent through the outbox."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Select, select

from tallystick.apis.eventhos.error_mail import (
    ContractNames,
    list_tables,
    write_html,
    write_text,
)
from tallystick.apis.eventhos.sender_directory import SenderDirectory
from tallystick.apis.eventhos.tables import actions, contracts, events, systems
from tallystick.apis.eventhos.to_event import API
from tallystick.apis.service_context import ServiceContext
from tallystick.delivery import (
    Attempt,
    AttemptOutcome,
    Delivery,
    DeliveryState,
    Destination,
    EndpointResponse,
    FailedAttempt,
    OutgoingRequest,
    Undeliverable,
    delivery_id,
)
from tallystick.delivery.destinations.mail.message import Mail, mail_request
from tallystick.delivery.destinations.mail.transport import MailTransport
from tallystick.delivery.outcomes import LOCAL
from tallystick.events import Event
from tallystick.store import Entry
from tallystick.times import format_ms

# Not `eventhos_mail`: the ids of an event's runs of eventhos are a range with this beginning.
KIND = "eventhosmail"

_NO_CALL = LOCAL | {AttemptOutcome.HELD, AttemptOutcome.LOST}


class ErrorMails:
    """The mails about the first failed call of a run, and about its end without success.

    It is the listener that stores them, and their adapter.
    """

    def __init__(self, context: ServiceContext, directory: SenderDirectory) -> None:
        self._context = context
        self._directory = directory
        self._transport = MailTransport(context.settings)

    def register(self) -> None:
        """Tell of every further failed call."""
        self._context.outbox.register_adapter(KIND, self)
        self._context.outbox.add_failure_listener(self.build_mails)

    def build_mails(self, failed: FailedAttempt) -> Sequence[Entry]:
        """Return the rows of a mail about a failed call, where somebody is to be told."""
        delivery = failed.delivery
        if delivery.kind != API or not _is_told(failed):
            return ()
        contract = self._directory.get_contract(delivery.target)
        if contract is None or not self._recipients(contract.mail_recipients):
            return ()
        # By the attempt's number, as a run that is tried anew may fail anew.
        target = f"{delivery.target}-{delivery.attempts}"
        mail = Destination(target, self._transport.endpoint, tenant=delivery.target)
        return self._context.outbox.build_deliveries(failed.event, KIND, [mail])

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        """Return the mail about an attempt."""
        contract_id, _, number = delivery.target.rpartition("-")
        attempt = await self._attempt(delivery_id(event.id, API, contract_id), int(number))
        names = await self._context.database.read(lambda c: _names(c, int(contract_id)))
        settings = self._context.settings
        alias = settings.smtp_alias
        subject = f"Eventhos {f'[{alias}] ' if alias else ''}error notification"
        tables = list_tables(names, event, attempt, settings.public_scheme)
        mail = Mail(
            delivery.id,
            self._recipients(names.recipients),
            f"{subject} {format_ms(attempt.ended)}",
            write_text(tables),
            attempt.ended,
            write_html(tables),
        )
        return mail_request(mail, self._transport)

    def on_response(
        self, _delivery: Delivery, _event: Event, _response: EndpointResponse
    ) -> Sequence[Entry]:
        """Return no rows: nothing follows from a sent mail."""
        return ()

    async def _attempt(self, id_: str, number: int) -> Attempt:
        attempts = (await self._context.outbox.list_attempts([id_]))[id_]
        for attempt in attempts:
            if attempt.number == number:
                return attempt
        raise Undeliverable("its attempt is no longer kept")

    def _recipients(self, own: str) -> Sequence[str]:
        listed = own.strip() or self._context.settings.smtp_default_recipient
        return [address.strip() for address in listed.split(",") if address.strip()]


def _is_told(failed: FailedAttempt) -> bool:
    is_first_call = failed.delivery.tries == 1 and failed.outcome not in _NO_CALL
    return is_first_call or failed.state is DeliveryState.DEAD


def _names(connection: Connection, contract_id: int) -> ContractNames:
    row = connection.execute(_named(contract_id)).one()
    return ContractNames(*row)


def _named(contract_id: int) -> Select[str, str, str, str, str, str]:
    producers, consumers = systems.alias("producers"), systems.alias("consumers")
    return (
        select(
            contracts.c.name,
            events.c.name,
            producers.c.name,
            actions.c.name,
            consumers.c.name,
            contracts.c.mail_recipients_on_error,
        )
        .join(events, events.c.id == contracts.c.event_id)
        .join(producers, producers.c.id == events.c.system_id)
        .join(actions, actions.c.id == contracts.c.action_id)
        .join(consumers, consumers.c.id == actions.c.system_id)
        .where(contracts.c.id == contract_id)
    )
