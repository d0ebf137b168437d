"""From a request of a client to an event of the log."""

from __future__ import annotations

import orjson

from tallystick.apis.eventhos.registry import EventType
from tallystick.contract.query_string import masked
from tallystick.contract.request import Request
from tallystick.events import Event, new_id

API = "eventhos"
ACCESS_KEY = "access-key"
MASK = b"***"
SECRET_HEADERS = frozenset({b"access-key", b"authorization", b"cookie", b"proxy-authorization"})


def event(kind: EventType, client_id: str, request: Request, now_ms: int) -> Event:
    """The event that a client sent; the body's own bytes are its data.

    What a template may ask of the request beside the body is kept in two attributes: ``query`` is
    the query string, and ``headers`` has a line ``name: value`` for each header, both as they were
    sent but for secrets. CloudEvents allows text there, and no objects.
    """
    attributes = {
        "client": client_id,
        "headers": _lines(request),
        "query": masked(request.query, (ACCESS_KEY,)),
    }
    return Event(
        id=new_id(now_ms),
        api=API,
        source=kind.source,
        type=kind.identifier,
        subject="",
        time=now_ms,
        data=request.body,
        attributes=orjson.dumps(attributes).decode(),
    )


def _lines(request: Request) -> str:
    return b"\n".join(
        b"%b: %b" % (name, MASK if name in SECRET_HEADERS else value)
        for name, value in request.headers
    ).decode("latin-1")
