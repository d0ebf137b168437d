"""The least that an ASGI application can do: the base that a request's cost is compared with."""

from __future__ import annotations

from typing import Any

from benchmarks.peers.serving import serve

_ID = "019aa5b1-6d00-7c2e-8d1f-3b0a5f7c9e21"
_CREATED = b'{"statusCode":200,"message":"Event created successfully","id":"%b"}' % _ID.encode()
_RECEIVED = b'{"code":200310,"message":"Success, but no contracts exists for this event"}'
_JSON = (b"content-type", b"application/json")
ANSWERS = {
    "/create": (
        [
            (b"cache-control", b"no-store"),
            _JSON,
            (b"content-length", b"%d" % len(_CREATED)),
        ],
        _CREATED,
    ),
    "/event/send": ([_JSON, (b"content-length", b"%d" % len(_RECEIVED))], _RECEIVED),
}
"""Path → the headers and the body that Tallystick answers with."""


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Read the body, look at nothing, and answer."""
    while (await receive()).get("more_body"):
        pass
    headers, body = ANSWERS[scope["path"]]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    serve(app)
