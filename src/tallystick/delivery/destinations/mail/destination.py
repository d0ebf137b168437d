"""The destination `mail`: a mail by the mail server of the settings."""

from __future__ import annotations

from tallystick.delivery.adapter import OutgoingRequest
from tallystick.delivery.addresses import Addresses
from tallystick.delivery.destinations.destination_kind import DestinationRefused, Options
from tallystick.delivery.destinations.event_template import check_template, read_attributes
from tallystick.delivery.destinations.mail.message import Mail, mail_request
from tallystick.delivery.destinations.mail.transport import NO_SERVER, MailTransport
from tallystick.delivery.destinations.wording import write_message
from tallystick.events import Event
from tallystick.settings import Settings


class MailDestination:
    """Recipients of mails; see `DestinationKind`."""

    secrets = frozenset[str]()
    is_signed = False

    def __init__(self, _addresses: Addresses, settings: Settings) -> None:
        self._transport = MailTransport(settings)

    def check_options(self, options: Options) -> None:
        """Return if there is a mail server, and the templates are valid."""
        if not self._transport.is_set:
            raise DestinationRefused("kind", NO_SERVER)
        for option in {"title", "text"} & options.keys():
            check_template(option, options[option])

    def shown_address(self, options: Options) -> str:
        """Return the recipients as the URL of a mail."""
        return f"mailto:{','.join(options['to'])}"

    def endpoint(self, _options: Options, _target: str) -> str:
        """Return the mail server."""
        return self._transport.endpoint

    def build_request(self, options: Options, target: str, event: Event) -> OutgoingRequest:
        """Return the mail about the event."""
        message = write_message(read_attributes(event), options)
        id_ = f"{event.id}.{target}"
        mail = Mail(id_, options["to"], message.title, message.text, event.time)
        return mail_request(mail, self._transport)
