"""Fuzzing that leaves a server's world unchanged, except for resources of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import schemathesis
from schemathesis.hooks import unregister
from schemathesis.schemas import BaseSchema

from .client import RecordingClient
from .created_resources import deletion, made
from .vectors import VectorRequest
from .wire import Unanswered

CHANGING = ("PUT", "PATCH", "DELETE")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NO_UUID = "00000000-0000-4000-8000-000000000000"
_NO_NUMBER = 9_007_199_254_740_991
_NO_NAME = "nowhere"


@contextmanager
def restrained(schema: BaseSchema, client: RecordingClient) -> Iterator[None]:
    """Redirect changing calls from existing resources to missing ones.

    Resources of the run itself may be changed, and are deleted in the end.
    """
    ids: set[str] = set()
    deletions: list[VectorRequest] = []

    @schema.hook
    def after_call(
        context: schemathesis.HookContext,  # noqa: ARG001 - Schemathesis passes it
        case: schemathesis.Case[Any],
        response: schemathesis.Response,
    ) -> None:
        path = case.formatted_path
        found = made(case.method.upper(), path, response.status_code, response.content)
        if found is not None:
            ids.add(found)
            request = deletion(path, found, dict(response.request.headers))
            deletions.extend([request] if request else [])

    # Schemathesis has this hook for all schemas or for none.
    @schemathesis.hook
    def before_call(
        context: schemathesis.HookContext,  # noqa: ARG001 - Schemathesis passes it
        case: schemathesis.Case[Any],
        **_: Any,
    ) -> None:
        names = re.findall(r"\{([^}]+)\}", case.path)
        if case.method.upper() in CHANGING and names and case.path_parameters:
            value = case.path_parameters.get(names[-1])
            if str(value) not in ids:
                case.path_parameters[names[-1]] = _nothing_like(value)

    try:
        yield
    finally:
        unregister(before_call)
        for request in reversed(deletions):
            with suppress(Unanswered, OSError):
                client.send(request)


def names_nothing(case: schemathesis.Case[Any]) -> bool:
    """Return whether a call was redirected to a missing resource."""
    nothing = (_NO_UUID, _NO_NUMBER, _NO_NAME)
    return any(value in nothing for value in (case.path_parameters or {}).values())


def _nothing_like(value: Any) -> Any:
    # An id of an answer's `Location` is a text.
    if isinstance(value, int) or str(value).isdecimal():
        return _NO_NUMBER
    return _NO_UUID if _UUID.fullmatch(str(value)) else _NO_NAME
