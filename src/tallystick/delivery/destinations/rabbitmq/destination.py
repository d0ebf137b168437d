"""The destination `rabbitmq`: an exchange or a queue of a broker, with publisher confirms."""

from __future__ import annotations

from importlib.util import find_spec

from tallystick.contract.document import read_api
from tallystick.delivery.adapter import OutgoingRequest
from tallystick.delivery.addresses import Addresses, AddressRefused
from tallystick.delivery.destinations.destination_kind import DestinationRefused, Options
from tallystick.delivery.destinations.rabbitmq.connection import (
    NOT_INSTALLED,
    BrokerLogin,
    check_broker_address,
)
from tallystick.delivery.destinations.rabbitmq.message import write_message
from tallystick.delivery.destinations.rabbitmq.transport import BrokerChannels, RabbitmqTransport
from tallystick.events import Event
from tallystick.settings import Settings

_DEFAULTS = read_api("gateway").defaults("GatewayRabbitmq")


class RabbitmqDestination:
    """An exchange and a routing key; see `DestinationKind`."""

    secrets = frozenset({"password"})
    is_signed = False

    def __init__(self, addresses: Addresses, _settings: Settings) -> None:
        self._addresses = addresses
        self._channels = BrokerChannels(addresses)

    def check_options(self, options: Options) -> None:
        """Return if aio-pika is there, and the broker may be called."""
        if find_spec("aio_pika") is None:
            raise DestinationRefused("kind", NOT_INSTALLED)
        try:
            check_broker_address(self._addresses, options["url"])
        except AddressRefused as error:
            raise DestinationRefused("url", str(error)) from None

    def shown_address(self, options: Options) -> str:
        """Return the broker, the virtual host and the exchange, or the queue without one."""
        given = {**_DEFAULTS, **options}
        host = given["virtual_host"].strip("/")
        place = given["exchange"] or given.get("routing_key", "")
        return "/".join([given["url"].rstrip("/"), *filter(None, [host, place])])

    def endpoint(self, options: Options, _target: str) -> str:
        """Return the broker with the exchange or the queue, as one says nothing of another."""
        return self.shown_address(options)

    def build_request(self, options: Options, target: str, event: Event) -> OutgoingRequest:
        """Return the event as a message that survives a restart of the broker."""
        given = {**_DEFAULTS, **options}
        login = BrokerLogin(given["user"], given.get("password", ""), given["virtual_host"])
        message = write_message(event, given["mode"])
        id_ = f"{event.id}.{target}"
        key = given.get("routing_key", event.type)
        headers = [("Routing-Key", key), ("Content-Type", message.content_type)]
        return OutgoingRequest(
            "PUBLISH",
            self.shown_address(options),
            [*headers, *((name, str(value)) for name, value in message.headers.items())],
            message.body,
            masked=[login.password] if login.password else (),
            transport=RabbitmqTransport(
                self._channels,
                given["url"],
                login,
                given["exchange"],
                key,
                id_,
                message,
            ),
            endpoint=self.endpoint(options, target),
        )
