"""The names of members where a language can't have the one that the generator would write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.clients.plain_text import fold_name, split_words

Rules = Mapping[str, Any]
"""A language's ``memberNames``: its ``case`` (``original`` leaves each
name as it is), and ``taken``, the names that its objects have."""


def name_members(schemas: Mapping[str, Any], rules: Rules) -> dict[str, str]:
    """Return the name in the language of each member that needs one; other members have none.

    Of two members whose names a language writes alike, the one that it writes as the contract does
    keeps its name, else the first; the other one has a `2`.
    """
    found: dict[str, str] = {}
    for schema in schemas.values() if rules["case"] != "original" else ():
        seen: dict[str, int] = {}
        members = schema.get("properties", {})
        for member in sorted(members, key=lambda each: _written(each, rules) != each):
            folded = fold_name(member)
            seen[folded] = seen.get(folded, 0) + 1
            if seen[folded] > 1:
                found[member] = _written(f"{member} {seen[folded]}", rules)
            elif member in rules.get("taken", ()):
                found[member] = f"{member}_"
    return found


def _written(name: str, rules: Rules) -> str:
    """Return a name in the language's case."""
    words = _cased(split_words(name), rules["case"])
    return ("_" if rules["case"] == "snake" else "").join(words)


def _cased(words: list[str], case: str) -> Iterator[str]:
    for index, word in enumerate(words):
        is_small = case == "snake" or (case == "camel" and index == 0)
        yield word.lower() if is_small else word.capitalize()
