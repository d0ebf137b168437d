"""The destination `kafka`: a topic, with CloudEvents as its messages."""

from __future__ import annotations

from importlib.util import find_spec

from tallystick.delivery.adapter import OutgoingRequest
from tallystick.delivery.addresses import Addresses, AddressRefused
from tallystick.delivery.destinations.destination_kind import DestinationRefused, Options
from tallystick.delivery.destinations.kafka.message import STRUCTURED, write_message
from tallystick.delivery.destinations.kafka.producers import KafkaProducers, NotInstalled
from tallystick.delivery.destinations.kafka.transport import message_request, shown_address
from tallystick.events import Event
from tallystick.settings import Settings

SUBJECT = "subject"


class KafkaDestination:
    """A topic of Kafka; see `DestinationKind`."""

    secrets = frozenset({"password"})
    is_signed = False

    def __init__(self, addresses: Addresses, _settings: Settings) -> None:
        self._addresses = addresses
        self._producers = KafkaProducers(addresses)

    def check_options(self, options: Options) -> None:
        """Return if aiokafka is there, and the servers may be called."""
        if find_spec("aiokafka") is None:
            raise DestinationRefused("kind", str(NotInstalled.__doc__))
        for server in options["servers"]:
            try:
                self._addresses.check_url(f"http://{server}")
            except AddressRefused as error:
                raise DestinationRefused("servers", str(error)) from None
        login = {"user", "password"} & options.keys()
        if len(login) == 1:
            raise DestinationRefused(login.pop(), "needs the other one of user and password")

    def shown_address(self, options: Options) -> str:
        """Return the servers and the topic as a URL."""
        return shown_address(options)

    def endpoint(self, options: Options, _target: str) -> str:
        """Return the servers and the topic, as one topic says nothing of another."""
        return self.shown_address(options)

    def build_request(self, options: Options, _target: str, event: Event) -> OutgoingRequest:
        """Return the event in the Kafka binding of CloudEvents."""
        mode, key = options.get("mode", STRUCTURED), options.get("key", SUBJECT)
        return message_request(self._producers, options, write_message(event, mode, key))
