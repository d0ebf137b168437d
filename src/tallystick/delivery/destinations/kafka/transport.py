"""Sends a message to Kafka, and puts its errors into the words and outcomes of deliveries."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from tallystick.delivery.adapter import DeliveryFailure, EndpointResponse, OutgoingRequest
from tallystick.delivery.addresses import AddressRefused
from tallystick.delivery.delivery import AttemptOutcome
from tallystick.delivery.destinations.destination_kind import Options
from tallystick.delivery.destinations.kafka.message import KafkaMessage
from tallystick.delivery.destinations.kafka.producers import (
    KafkaNotSent,
    KafkaProducers,
    NotInstalled,
)
from tallystick.delivery.local_failure import is_local, refusal

TOTAL_S = 30.0

_OF_THE_MESSAGE = frozenset({"MessageSizeTooLargeError", "RecordListTooLargeError"})
"""The names of brokers' errors that concern one message; other messages may be taken."""

_OUTCOMES: Sequence[tuple[type[BaseException], AttemptOutcome]] = (
    (socket.gaierror, AttemptOutcome.DNS_ERROR),
    (ssl.SSLError, AttemptOutcome.TLS_ERROR),
    (TimeoutError, AttemptOutcome.TIMEOUT),
    (OSError, AttemptOutcome.UNREACHABLE),
)


class KafkaTransport(NamedTuple):
    """A sender of one message; see `Transport`."""

    producers: KafkaProducers
    options: Options
    message: KafkaMessage

    async def send_request(
        self, _outgoing: OutgoingRequest, _headers: Sequence[tuple[str, str]]
    ) -> EndpointResponse:
        """Return 200 and the message's place; raise `DeliveryFailure`."""
        try:
            async with asyncio.timeout(TOTAL_S):
                place = await self.producers.send_message(self.options, self.message)
        except TimeoutError:
            words = "the brokers did not answer in time"
            raise DeliveryFailure(AttemptOutcome.TIMEOUT, words) from None
        except NotInstalled as error:
            raise DeliveryFailure(AttemptOutcome.LOCAL, str(error)) from None
        except KafkaNotSent as error:
            raise _failure(error) from None
        return EndpointResponse(200, (), orjson.dumps(place._asdict()))


def shown_address(options: Options) -> str:
    """Return the servers and the topic as a URL."""
    return f"kafka://{','.join(options['servers'])}/{options['topic']}"


def message_request(
    producers: KafkaProducers, options: Options, message: KafkaMessage
) -> OutgoingRequest:
    """Return the request that sends a message, isolated by its topic."""
    address, password = shown_address(options), options.get("password")
    return OutgoingRequest(
        "PRODUCE",
        address,
        message.headers,
        message.value,
        masked=[password] if password else [],
        transport=KafkaTransport(producers, options, message),
        endpoint=address,
    )


def _failure(error: KafkaNotSent) -> DeliveryFailure:
    if error.refused:
        return refusal(AddressRefused(f"nothing may be sent to {error.refused}"))
    words = f"{type(error.reason).__name__}: {error.reason}"
    return DeliveryFailure(_outcome(error.reason), words)


def _outcome(reason: BaseException) -> AttemptOutcome:
    if is_local(reason):
        return AttemptOutcome.LOCAL
    if type(reason).__name__ in _OF_THE_MESSAGE:
        return AttemptOutcome.REJECTED
    kinds = (outcome for kind, outcome in _OUTCOMES if isinstance(reason, kind))
    return next(kinds, AttemptOutcome.SERVER_ERROR)
