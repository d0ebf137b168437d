"""Keeps the ids of each call for its log lines, where the setting asks for them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from tallystick.apis.request_id import MAX_LENGTH, new_request_id
from tallystick.call_context import CALL, SCOPE, CallContext
from tallystick.contract.compiled import App
from tallystick.contract.security import Credential

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,%d}" % MAX_LENGTH)
# https://www.w3.org/TR/trace-context/#traceparent-header-field-values
_TRACEPARENT = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?"
)


def with_call_context(app: App) -> App:
    """Return the application with each call's ids known to the log lines within it."""

    async def call(scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", ()))
        context = CallContext(read_request_id(headers) or new_request_id(), read_trace_id(headers))
        scope[SCOPE] = context
        CALL.set(context)
        try:
            await app(scope, receive, send)
        finally:
            CALL.set(None)

    return call


def read_request_id(headers: Mapping[bytes, bytes]) -> str:
    """Return the id that the caller gave; empty for none, or for one unfit for a log."""
    given = headers.get(b"x-request-id", b"")
    return given.decode() if _REQUEST_ID.fullmatch(given) else ""


def read_trace_id(headers: Mapping[bytes, bytes]) -> str:
    """Return the trace id of the caller's `traceparent`; empty without a valid one."""
    found = _TRACEPARENT.fullmatch(headers.get(b"traceparent", b""))
    return found[1].decode() if found else ""


def noting_key(credential: Credential) -> Credential:
    """Return the credential function; the id that it finds is kept for the call's log lines."""

    async def authenticate(*asked: Any) -> Mapping[str, Any]:
        found = credential(*asked)
        caller: Mapping[str, Any] = await found if inspect.isawaitable(found) else found
        if context := CALL.get():
            context.key_id = str(caller.get("sub", ""))
        return caller

    return authenticate
