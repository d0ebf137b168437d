"""The same work by hand: plain ASGI, one compiled validator an operation, no framework.

With a PostgreSQL URL as second argument each request inserts its event itself, in a transaction of
its own; without one the newest events are kept in memory.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import jsonschema_rs
import jwt
import orjson
from psycopg_pool import AsyncConnectionPool

from benchmarks.peers import world
from benchmarks.peers.serving import serve

Answer = tuple[int, Any]
Store = Callable[[str, str, bytes], Awaitable[None]]

_NAME = {"type": "string", "minLength": 3, "maxLength": 20, "pattern": "^[-A-Za-z0-9_]+$"}
CREATE = jsonschema_rs.validator_for(
    {
        "type": "object",
        "required": ["cl", "ty", "hs", "ac", "re", "st", "me"],
        "properties": {
            "cl": {"type": "string", "minLength": 3, "maxLength": 10, "pattern": "^[A-Za-z]+$"},
            "ty": _NAME,
            "hs": {"enum": ["AWS", "AZU", "GCP", "CAV", "OTH"]},
            "ac": _NAME,
            "re": _NAME,
            "st": {"enum": ["OK", "KO", "OO"]},
            "im": {"enum": ["MINOR", "MODERATE", "MAJOR", "CRITICAL"]},
            "me": {"type": "string", "minLength": 3, "maxLength": 255, "pattern": "^[^<>]*$"},
        },
    }
)
SEND = jsonschema_rs.validator_for(
    {
        "type": "object",
        "required": ["event-identifier"],
        "properties": {"event-identifier": {"type": "string", "minLength": 1}},
    }
)

client_of = lru_cache(maxsize=10_000)(world.client_of)
kept: deque[tuple[str, str, bytes]] = deque(maxlen=1_000)


async def in_memory(event_id: str, kind: str, data: bytes) -> None:
    """Keep an event among the newest ones."""
    kept.append((event_id, kind, data))


class OneByOne:
    """Inserts one event a transaction."""

    def __init__(self, url: str) -> None:
        self._pool = AsyncConnectionPool(
            url, min_size=8, max_size=8, open=False, kwargs={"autocommit": True}
        )
        self._is_open = False

    async def __call__(self, event_id: str, kind: str, data: bytes) -> None:
        """Store an event; it is on disk when this returns."""
        if not self._is_open:
            self._is_open = True
            await self._pool.open()
            await self._execute("CREATE TABLE IF NOT EXISTS one (id text, kind text, data bytea)")
        await self._execute("INSERT INTO one VALUES (%s, %s, %s)", (event_id, kind, data))

    async def _execute(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(statement.encode(), values)


store: Store = OneByOne(sys.argv[2]) if len(sys.argv) > 2 else in_memory


async def create(query: dict[str, str], headers: dict[bytes, bytes], _body: bytes) -> Answer:
    """``GET /create``."""
    if headers.get(b"x-api-key") != world.API_KEY.encode():
        return 403, {"message": "Forbidden"}
    if not CREATE.is_valid(query):
        return 400, {"errors": [error.message for error in CREATE.iter_errors(query)]}
    event_id = str(uuid4())
    await store(event_id, query["ty"], orjson.dumps(query))
    return 200, {"statusCode": 200, "message": world.CREATED, "id": event_id}


async def send_event(query: dict[str, str], headers: dict[bytes, bytes], body: bytes) -> Answer:
    """``POST /event/send``."""
    try:
        client = client_of(headers.get(b"access-key", b"").decode("latin-1"))
    except jwt.InvalidTokenError:
        return 401, {"code": 401202, "message": "Incorrect token"}
    if not SEND.is_valid(query):
        return 400, {"errors": [error.message for error in SEND.iter_errors(query)]}
    kind = query["event-identifier"]
    if world.OWNERS.get(kind) != client:
        return 400, {"code": 400024, "message": "The event does not exist."}
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return 400, {"code": 400000, "message": str(error)}
    await store(str(uuid4()), kind, body)
    return 200, {"code": 200310, "message": world.NO_CONTRACTS}


async def give_token(_query: dict[str, str], _headers: dict[bytes, bytes], _body: bytes) -> Answer:
    """``POST /auth/token``."""
    return 201, {"content": {"access_token": world.token()}}


OPERATIONS = {
    ("GET", "/create"): create,
    ("POST", "/event/send"): send_event,
    ("POST", "/auth/token"): give_token,
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer one request."""
    operation = OPERATIONS.get((scope["method"], scope["path"]))
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if operation is None:
        status, content = 404, {"message": "Not Found"}
    else:
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        status, content = await operation(query, dict(scope["headers"]), body)
    answer = orjson.dumps(content)
    headers = [
        (b"cache-control", b"no-store"),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(answer)),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    serve(app)
