"""Finds the members by which an object holds another one of its own kind, near or far.

Rust has to know the size of an object, so it keeps such a member elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
Held = Mapping[str, Mapping[str, str]]
"""Object → its members that hold an object → that object's name."""


def mark_circles(schemas: Mapping[str, Schema]) -> None:
    """Mark the members of circles, in schemas in the generator's form."""
    held = {name: _held_objects(schema) for name, schema in schemas.items()}
    for name, members in held.items():
        for member, target in members.items():
            if name in _reached(target, held):
                schemas[name]["properties"][member]["x-is-circle"] = True


def _held_objects(schema: Schema) -> dict[str, str]:
    references = {
        name: member["allOf"][0].get("$ref", "")
        for name, member in schema.get("properties", {}).items()
        if "allOf" in member
    }
    return {name: text.rpartition("/")[2] for name, text in references.items() if text}


def _reached(start: str, held: Held) -> set[str]:
    """Return an object and all that it holds, near or far."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += held[name].values()
    return found
