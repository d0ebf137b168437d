"""Events of the log for clients' requests and for actions' responses."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import orjson

from tallystick.apis.eventhos.sender_directory import EventhosEventType
from tallystick.contract import json_text
from tallystick.contract.request import Request
from tallystick.delivery import EndpointResponse
from tallystick.events import Event, new_id
from tallystick.secret_names import MASK, is_secret_name, mask_query
from tallystick.storable_text import replace_unstorable

API = "eventhos"
_MASK = MASK.encode()
MAX_HOPS = 8
"""The number of replies to replies, after which the next one is treated as a loop."""


class NoReply(Exception):
    """The response can't become an event."""


def to_event(kind: EventhosEventType, client_id: str, request: Request, now_ms: int) -> Event:
    """Return the event of a client's request, with the body's own bytes as data.

    The attributes ``query`` and ``headers`` keep the rest for templates: the query string, and a
    line ``name: value`` for each header, with masked secrets. They are text, as CloudEvents has no
    objects there.
    """
    attributes = {
        "client": client_id,
        "headers": _lines(request.headers),
        "query": mask_query(request.query.decode("latin-1")),
    }
    return _event(kind, attributes, request.body, now_ms)


def reply_to_event(
    kind: EventhosEventType, cause: Event, response: EndpointResponse, now_ms: int
) -> Event:
    """Return the event made of a response; raise `NoReply`.

    `cause` is the event whose action answered; its ``hops`` counts the replies up to it.
    """
    caused_by = orjson.loads(cause.attributes)
    hops = int(caused_by.get("hops", 0)) + 1
    if hops > MAX_HOPS:
        raise NoReply(f"the {MAX_HOPS}th reply in a row is the last: it looks like a loop")
    headers = [(n.lower().encode(), v.encode(errors="replace")) for n, v in response.headers]
    attributes = {
        "client": caused_by["client"],
        "headers": _lines(headers),
        "query": "",
        "cause": cause.id,
        "hops": str(hops),
    }
    return _event(kind, attributes, _json(response), now_ms)


def _event(kind: EventhosEventType, attributes: dict[str, str], data: bytes, now_ms: int) -> Event:
    kept = orjson.dumps(attributes).decode()
    return Event(new_id(now_ms), API, kind.source, kind.identifier, "", now_ms, data, kept)


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> str:
    shown = [(name, _MASK) if _is_secret(name) else (name, value) for name, value in headers]
    return b"\n".join(map(b": ".join, shown)).decode("latin-1")


@lru_cache(maxsize=1_000)
def _is_secret(name: bytes) -> bool:
    return is_secret_name(name.decode("latin-1"))


def _json(response: EndpointResponse) -> bytes:
    """Return the body if it is JSON, or else its text as a JSON string."""
    if response.truncated:
        raise NoReply("the response is too long to become an event")
    if not response.body:
        return b"null"
    try:
        json_text.read_json(response.body)
    except json_text.Unreadable:
        return orjson.dumps(replace_unstorable(response.body.decode(errors="replace")))
    return response.body
