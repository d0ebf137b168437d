"""The interface of a kind of destination."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, Protocol, TypeAlias

from tallystick.delivery.adapter import OutgoingRequest
from tallystick.delivery.addresses import Addresses
from tallystick.events import Event
from tallystick.settings import Settings

Options: TypeAlias = Mapping[str, Any]
"""The members of a destination in the contract, without its kind."""


class DestinationRefused(Exception):
    """An option of a destination is invalid; the message says what it must be."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


class DestinationKind(Protocol):
    """A kind of destination, in ``destinations/<kind>/destination.py``."""

    secrets: Set[str]
    """The names of the options that are secrets: they are sealed at rest and masked in answers."""
    is_signed: bool
    """Whether its requests can have a signature by Standard Webhooks."""

    def __init__(self, addresses: Addresses, settings: Settings) -> None: ...

    def check_options(self, options: Options) -> None:
        """Return if events can be sent there; raise `DestinationRefused`."""

    def shown_address(self, options: Options) -> str:
        """Return the address for people to read, without secrets."""
        ...

    def endpoint(self, options: Options, target: str) -> str:
        """Return the name by which deliveries are isolated, without secrets.

        `target` is the id of the subscription.
        """
        ...

    def build_request(self, options: Options, target: str, event: Event) -> OutgoingRequest:
        """Return the request that tells the event; raise `Undeliverable` or `DeliveryFailure`."""
        ...
