"""Parameters that name a member and say how: ``created_after``, ``minPrice``, ``ids``."""

from __future__ import annotations

import re

from tallystick.contract.page_names import plain_name
from tallystick.contract.schema_shape import SchemaShape

_BOUNDS = {
    "after": "gt",
    "before": "lt",
    "from": "gte",
    "max": "lte",
    "min": "gte",
    "since": "gte",
    "to": "lte",
    "until": "lte",
}
"""Word before or behind the name of a member → operator."""

_WORD = re.compile("[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_NUMBERS = frozenset({"integer", "number"})
_TIMES = frozenset({"date", "date-time"})
_ENDS_OF_TIMES = ("", "at", "on", "date", "time")
"""What the name of a member may have behind the word that a parameter has of it."""

_PLURAL = "s"
_ONE_OF = "in"
_MEMBERS_ASKED_FOR = "fields"
"""In many APIs it chooses the members of an answer."""


def read_words(parameter: str, shape: SchemaShape) -> tuple[str, str] | None:
    """Return a member and the operator on it; None for another parameter.

    A bound is that of a number or a time; a plural is a list of wanted values.
    """
    words = [word.lower() for word in _WORD.findall(parameter)]
    for word, name in ((words[-1:], words[:-1]), (words[:1], words[1:])):
        operator = _BOUNDS.get("".join(word)) if name else None
        if operator and (found := _find_ordered("".join(name), shape)):
            return found, operator
    single = _find_single(plain_name(parameter), shape)
    return (single, _ONE_OF) if single else None


def is_ordered(member: SchemaShape) -> bool:
    """Return whether a member is a number or a time."""
    return member.keywords.get("format") in _TIMES or member.type in _NUMBERS


def _find_ordered(name: str, shape: SchemaShape) -> str | None:
    """Return a number, or a time: the name of `created` may be `created_at`."""
    known = {plain_name(each): each for each in shape.properties}
    found = (known[name + end] for end in _ENDS_OF_TIMES if name + end in known)
    return next((each for each in found if is_ordered(shape.member(each))), None)


def _find_single(plural: str, shape: SchemaShape) -> str | None:
    """Return the text or number of which a parameter lists wanted values."""
    if not plural.endswith(_PLURAL) or plural == _MEMBERS_ASKED_FOR:
        return None
    single = plural.removesuffix(_PLURAL)
    found = (each for each in shape.properties if plain_name(each) == single)
    return next((each for each in found if shape.member(each).type in ("string", "integer")), None)
