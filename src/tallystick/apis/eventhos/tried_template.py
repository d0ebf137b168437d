"""The try of an action's templates on an event, for the gateway: nothing is stored or sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tallystick.apis.eventhos import action_request, to_event
from tallystick.apis.eventhos.actions import ActionCall, read_template
from tallystick.apis.eventhos.dialect import Dialect
from tallystick.apis.eventhos.exceptions import BadField
from tallystick.apis.eventhos.templates import Unfilled
from tallystick.contract import json_text
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.delivery import OutgoingRequest
from tallystick.events import Event
from tallystick.storable_text import replace_half_pairs


def try_template(
    body: Mapping[str, Any], dialect: Dialect, scheme: str, now_ms: int
) -> dict[str, Any]:
    """Return the request of an action's templates for a stored event; raise `Invalid`.

    `scheme` is that of the public address.
    """
    event = _event(body["event"], now_ms)
    scope = action_request.build_scope(event, body.get("oauthResponse", {}), scheme)
    call = _call(body["template"])
    try:
        request = action_request.build_request(call, event, scope, now_ms=now_ms, dialect=dialect)
    except Unfilled as error:
        raise _invalid("event", f"can't fill the template: {error}") from None
    return {"request": _shown(request)}


def _call(template: Mapping[str, Any]) -> ActionCall:
    try:
        return read_template(template)
    except BadField as error:
        raise _invalid("template", f"can't be used: {error}") from None


def _event(given: Mapping[str, Any], now_ms: int) -> Event:
    kept = {name: replace_half_pairs(given.get(name, "")) for name in ("headers", "query")}
    data, attributes = json_text.write_json(given.get("data")), orjson.dumps(kept).decode()
    return Event("", to_event.API, "", "", "", now_ms, data, attributes)


def _shown(request: OutgoingRequest) -> dict[str, Any]:
    headers = [
        {"name": replace_half_pairs(name), "value": replace_half_pairs(value)}
        for name, value in request.headers
    ]
    return {
        "method": request.method,
        "url": replace_half_pairs(request.url),
        "headers": headers,
        "body": request.body.decode(errors="replace"),
    }


def _invalid(name: str, message: str) -> Invalid:
    return Invalid([Violation("body", name, "pattern", None, message, (name,))])
