"""The names of the methods' arguments for a contract of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from tallystick.clients.plain_text import fold_name

TAKEN = (
    *("again", "answer", "arguments", "body", "c", "call", "content", "ctx", "decode", "discard"),
    *("encode", "escaped", "eval", "false", "models", "nil", "path", "query", "readPages"),
    *("receive", "receiveIfAny", "request", "self", "this", "transport", "true", "undefined"),
)
"""What a method of a client has already in one of the languages."""


def rename_arguments(operations: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return another name for each parameter of a query that can't be an argument by its own.

    It has a number: it is taken, or another parameter of its operation has a name alike. A
    parameter has one name in all operations.
    """
    queries = [
        [each["name"] for each in operation["parameters"] if each["in"] == "query"]
        for operation in operations
    ]
    used = {fold_name(name) for name in TAKEN}
    clashing: dict[str, None] = {}
    for names in queries:
        seen = set(used)
        for name in names:
            if fold_name(name) in seen:
                clashing[name] = None
            seen.add(fold_name(name))
    used |= {fold_name(name) for names in queries for name in names}
    renamed: dict[str, str] = {}
    for name in clashing:
        free = (f"{name}{number}" for number in count(2))
        renamed[name] = next(each for each in free if fold_name(each) not in used)
        used.add(fold_name(renamed[name]))
    return renamed


def list_renamed(parameters: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return each parameter's other name, if it has one."""
    return {each["name"]: each["x-argument"] for each in parameters if "x-argument" in each}
