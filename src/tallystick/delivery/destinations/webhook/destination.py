"""The destination `webhook`: an HTTP endpoint, with CloudEvents or a body of one's own."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson

from tallystick.delivery.adapter import OutgoingRequest, Undeliverable
from tallystick.delivery.addresses import Addresses, AddressRefused, endpoint_of
from tallystick.delivery.destinations.destination_kind import DestinationRefused, Options
from tallystick.delivery.destinations.event_template import (
    TooLong,
    check_template,
    fill_template,
    read_attributes,
)
from tallystick.events import Event, cloudevent
from tallystick.settings import Settings

STRUCTURED = "structured"

# The characters that the HTTP binding of CloudEvents (3.1.3.2) leaves as they are; others are
# percent-encoded.
_PRINTABLE = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in '"%')

_Content = tuple[list[tuple[str, str]], bytes]
"""The headers and the body of a request."""


class WebhookDestination:
    """A POST to a URL; see `DestinationKind`."""

    secrets = frozenset[str]()
    is_signed = True

    def __init__(self, addresses: Addresses, _settings: Settings) -> None:
        self._addresses = addresses

    def check_options(self, options: Options) -> None:
        """Return if the URL may be called, and the template of the body is valid."""
        try:
            self._addresses.check_url(options["url"])
        except AddressRefused as error:
            raise DestinationRefused("url", str(error)) from None
        check_template("body", options.get("body"))

    def shown_address(self, options: Options) -> str:
        """Return the URL."""
        return str(options["url"])

    def endpoint(self, options: Options, _target: str) -> str:
        """Return scheme, host and port of the URL."""
        return endpoint_of(options["url"])

    def build_request(self, options: Options, _target: str, event: Event) -> OutgoingRequest:
        """Return the event in the HTTP binding of CloudEvents, or in the given body."""
        headers, body = _content(options, event)
        return OutgoingRequest("POST", options["url"], headers, body)


def _content(options: Options, event: Event) -> _Content:
    if "body" in options:
        return _filled(options["body"], event)
    is_structured = options.get("mode", STRUCTURED) == STRUCTURED
    return _structured(event) if is_structured else _binary(event)


def _filled(template: Any, event: Event) -> _Content:
    try:
        body = fill_template(template, read_attributes(event))
    except TooLong as error:
        raise Undeliverable(str(error)) from None
    return [("Content-Type", "application/json")], body


def _structured(event: Event) -> _Content:
    headers = [("Content-Type", "application/cloudevents+json; charset=utf-8")]
    return headers, orjson.dumps(cloudevent(event))


def _binary(event: Event) -> _Content:
    attributes = cloudevent(event)
    attributes.pop("data", None)
    # CloudEvents' HTTP binding: its media type is the one attribute without a header of its own.
    type_ = attributes.pop("datacontenttype", None)
    headers = [(f"ce-{name}", _header(value)) for name, value in attributes.items()]
    return [("Content-Type", type_), *headers] if type_ else headers, event.data


def _header(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return quote(text, safe=_PRINTABLE, errors="replace")
