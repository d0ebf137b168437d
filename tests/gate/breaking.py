"""Ways to break a conforming server, each a small wrapper around the real application."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]
Answer = tuple[int, dict[bytes, bytes], bytes]
Wrap = Callable[[App], App]


def answering(change: Callable[[Scope, int, dict[bytes, bytes], bytes], Answer]) -> Wrap:
    """Return a wrapper for an application, with changed answers."""

    def wrap(app: App) -> App:
        async def broken(scope: Scope, receive: Any, send: Any) -> None:
            started: dict[str, Any] = {}
            parts: list[bytes] = []

            async def collect(message: dict[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    started.update(message)
                    return
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    await respond(change(scope, *_answer(started, parts)), send, scope)

            await app(scope, receive, collect)

        return broken

    return wrap


def asking(change: Callable[[Scope, bytes], bytes]) -> Wrap:
    """Return a wrapper for an application, with changed requests; the scope is changed in place."""

    def wrap(app: App) -> App:
        async def broken(scope: Scope, receive: Any, send: Any) -> None:
            if _is_large(scope):
                await app(scope, receive, send)
                return
            parts, more = [], True
            while more:
                message = await receive()
                parts.append(message.get("body", b""))
                more = bool(message.get("more_body"))
            copy = {**scope, "headers": list(scope["headers"])}
            body = change(copy, b"".join(parts))
            copy["headers"] = [pair for pair in copy["headers"] if pair[0] != b"content-length"] + (
                [(b"content-length", str(len(body)).encode())] if body else []
            )

            async def replay() -> dict[str, Any]:
                return {"type": "http.request", "body": body, "more_body": False}

            await app(copy, replay, send)

        return broken

    return wrap


def _is_large(scope: Scope) -> bool:
    """Return whether the request announces a larger body than is read, and may never send it."""
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) > 1_000_000


def _answer(started: dict[str, Any], parts: list[bytes]) -> Answer:
    return started["status"], dict(started["headers"]), b"".join(parts)


async def respond(answer: Answer, send: Any, scope: Scope) -> None:
    status, headers, body = answer
    if scope["method"] != "HEAD":
        headers[b"content-length"] = str(len(body)).encode()
    await send({"type": "http.response.start", "status": status, "headers": [*headers.items()]})
    await send({"type": "http.response.body", "body": body})


def replaced(old: bytes, new: bytes) -> Wrap:
    """Return a wrapper to replace a text in answers."""
    return answering(lambda _, status, headers, body: (status, headers, body.replace(old, new)))


def other_status(old: int, new: int) -> Wrap:
    """Return a wrapper to replace a status."""
    return answering(
        lambda _, status, headers, body: (new if status == old else status, headers, body)
    )


def without_header(name: bytes) -> Wrap:
    """Return a wrapper to remove a header of answers."""

    def change(_: Scope, status: int, headers: dict[bytes, bytes], body: bytes) -> Answer:
        return status, {key: value for key, value in headers.items() if key != name}, body

    return answering(change)


def without_member(name: str, status: int) -> Wrap:
    """Return a wrapper to remove a member of JSON answers with a status."""

    def change(_: Scope, came: int, headers: dict[bytes, bytes], body: bytes) -> Answer:
        if came == status and body.startswith(b"{"):
            value = json.loads(body)
            value.pop(name, None)
            body = json.dumps(value).encode()
        return came, headers, body

    return answering(change)


def with_key(name: bytes, value: bytes) -> Wrap:
    """Return a wrapper to set the key of all requests."""

    def change(scope: Scope, body: bytes) -> bytes:
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != name] + [(name, value)]
        return body

    return asking(change)


def failing_on(pattern: bytes) -> Wrap:
    """Return a wrapper to fail for requests with a matching text."""

    def change(scope: Scope, body: bytes) -> bytes:
        if re.search(pattern, body + scope.get("query_string", b"")):
            raise RuntimeError("broken on purpose")
        return body

    return asking(change)


def other_query(change: Callable[[bytes], bytes]) -> Wrap:
    """Return a wrapper to change query strings."""

    def apply(scope: Scope, body: bytes) -> bytes:
        scope["query_string"] = change(scope["query_string"])
        return body

    return asking(apply)


def other_body(change: Callable[[bytes], bytes]) -> Wrap:
    """Return a wrapper to change bodies."""
    return asking(lambda _, body: change(body))


def other_path(change: Callable[[bytes], bytes]) -> Wrap:
    """Return a wrapper to change paths."""

    def apply(scope: Scope, body: bytes) -> bytes:
        scope["raw_path"] = change(scope.get("raw_path") or scope["path"].encode())
        scope["path"] = scope["raw_path"].decode("latin-1")
        return body

    return asking(apply)
