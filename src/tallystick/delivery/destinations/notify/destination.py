"""The destination `notify`: a message to a chat, a phone or another service, by Apprise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.delivery.adapter import OutgoingRequest
from tallystick.delivery.addresses import Addresses, AddressRefused
from tallystick.delivery.destinations.destination_kind import DestinationRefused, Options
from tallystick.delivery.destinations.event_template import check_template, read_attributes
from tallystick.delivery.destinations.notify.transport import (
    NotifyTransport,
    NotInstalled,
    load_service,
)
from tallystick.delivery.destinations.wording import write_message
from tallystick.events import Event
from tallystick.secret_names import MASK
from tallystick.settings import Settings

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.+)", re.DOTALL)
_SEPARATORS = re.compile(r"[/:@?&=#,]+")

_SHORTEST = 6
"""The least length of a URL's piece to mask alone; a shorter one may be an ordinary word."""


class NotifyDestination:
    """A service of Apprise by its URL; see `DestinationKind`."""

    secrets = frozenset({"url"})
    is_signed = False

    def __init__(self, addresses: Addresses, _settings: Settings) -> None:
        self._addresses = addresses
        self._transport = NotifyTransport(addresses)

    def check_options(self, options: Options) -> None:
        """Return if Apprise is there and knows the URL, and the templates are valid."""
        if not _SCHEME.fullmatch(options["url"]):
            raise DestinationRefused("url", "must be a URL of Apprise, such as ntfy://…")
        try:
            service = load_service(options["url"], self._addresses)
        except NotInstalled as error:
            raise DestinationRefused("kind", str(error)) from None
        except AddressRefused as error:
            raise DestinationRefused("url", str(error)) from None
        if service is None:
            raise DestinationRefused("url", "must be complete, and of a service that Apprise knows")
        for option in {"title", "text"} & options.keys():
            check_template(option, options[option])

    def shown_address(self, options: Options) -> str:
        """Return the scheme, and a mask for the rest."""
        return f"{_scheme(options)}://{MASK}"

    def endpoint(self, options: Options, target: str) -> str:
        """Return a name of the subscription's own, as one account says nothing of another."""
        return f"{_scheme(options)}:{target}"

    def build_request(self, options: Options, target: str, event: Event) -> OutgoingRequest:
        """Return the message about the event."""
        message = write_message(read_attributes(event), options)
        return OutgoingRequest(
            "NOTIFY",
            options["url"],
            [("Title", message.title)],
            message.text.encode(),
            masked=list(_secrets(options["url"])),
            transport=self._transport,
            endpoint=self.endpoint(options, target),
        )


def _scheme(options: Options) -> str:
    return str(options["url"]).partition("://")[0].lower()


def _secrets(url: str) -> Iterator[str]:
    """Yield all of a URL after its scheme, and each piece of it, as errors may quote one."""
    rest = url.partition("://")[2]
    yield rest
    yield from (piece for piece in _SEPARATORS.split(rest) if len(piece) >= _SHORTEST)
