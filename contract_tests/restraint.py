"""Fuzzing that leaves a server's world as it was: it changes only what it has made itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import schemathesis
from schemathesis.hooks import unregister
from schemathesis.schemas import BaseSchema

from .json_text import loads

CHANGING = ("PUT", "PATCH", "DELETE")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NO_UUID = "00000000-0000-4000-8000-000000000000"
_NO_NUMBER = 9_007_199_254_740_991
_NO_NAME = "nothing-has-this-name"


@contextmanager
def restrained(schema: BaseSchema) -> Iterator[None]:
    """Where a changing call names what the run has not made, it names what there is not."""
    made: set[str] = set()

    @schema.hook
    def after_call(
        context: schemathesis.HookContext,  # noqa: ARG001 - Schemathesis passes it
        case: schemathesis.Case[Any],
        response: schemathesis.Response,
    ) -> None:
        if case.method.upper() == "POST" and response.status_code < 300:
            made.update(_ids(_json(response.content)))

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
            if str(value) not in made:
                case.path_parameters[names[-1]] = _nothing_like(value)

    try:
        yield
    finally:
        unregister(before_call)


def _nothing_like(value: Any) -> Any:
    if isinstance(value, int):
        return _NO_NUMBER
    return _NO_UUID if _UUID.fullmatch(str(value)) else _NO_NAME


def _json(content: bytes) -> Any:
    try:
        return loads(content)
    except ValueError:
        return None


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _ids(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in ("id", "slug") and isinstance(item, (str, int)):
                yield str(item)
            yield from _ids(item)
