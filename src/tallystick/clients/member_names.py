"""The names of members where a language can't have the generator's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tallystick.clients.plain_text import split_words

Rules = Mapping[str, Any]
"""A language's ``memberNames``: its ``case`` (``original`` leaves each name as it is), the words
with ``capitals`` of their own, ``taken``, the names that its objects have, and ``escapes``, forms
of names that it can't have as they are, each with a verbose pattern of these."""


def name_members(schemas: Mapping[str, Any], rules: Rules) -> dict[str, str]:
    """Return the name in the language of each member in need of one; other members have none.

    Of two members whose names a language writes alike, the one that it writes as the contract does
    keeps its name, else the first; the other one has a `2`.
    """
    found: dict[str, str] = {}
    for schema in schemas.values() if rules["case"] != "original" else ():
        seen: dict[str, int] = {}
        members = schema.get("properties", {})
        for member in sorted(members, key=lambda each: write_name(each, rules) != each):
            name = write_name(member, rules)
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1:
                found[member] = write_name(f"{member} {seen[name]}", rules)
            elif member in rules.get("taken", ()):
                found[member] = f"{member}_"
            elif own := _own_name(member, rules):
                found[member] = own
    return found


def name_parameters(names: Iterable[str], rules: Rules) -> dict[str, str]:
    """Return the name of each argument that the generator would write another way."""
    rules = {**rules, "case": _argument_case(rules)}
    return {name: own for name in names if (own := _own_name(name, rules))}


class MemberNames:
    """The names of an API's members in a language."""

    def __init__(self, schemas: Mapping[str, Any], rules: Rules) -> None:
        self._own = name_members(schemas, rules)
        self._rules = rules

    def __getitem__(self, member: str) -> str:
        return self._own.get(member) or _usual_name(member, self._rules["case"])


class ArgumentNames:
    """The names of arguments in a language; `given` are those of its configuration."""

    def __init__(self, given: Mapping[str, str], rules: Rules) -> None:
        self._given = given
        self._rules = rules

    def __getitem__(self, argument: str) -> str:
        if self._rules["case"] == "pascal":
            return write_name(argument, self._rules)
        own = name_parameters([argument], self._rules) | dict(self._given)
        return own.get(argument) or _usual_name(argument, _argument_case(self._rules))


def _argument_case(rules: Rules) -> str:
    """Return the case of arguments, which begin with a small letter in all languages."""
    return "snake" if rules["case"] == "snake" else "camel"


def _own_name(name: str, rules: Rules) -> str:
    """Return a name as we write it, or an empty text for the generator's own."""
    is_ours = _is_ours(name, rules)
    written = write_name(name, rules) if is_ours else _usual_name(name, rules["case"])
    for form, words in rules.get("escapes", {}).items():
        if re.fullmatch(words, written, re.VERBOSE):
            return str(form.format(written))
    return written if is_ours else ""


def _usual_name(name: str, case: str) -> str:
    """Return a name as the generator writes it."""
    if case == "original":
        return name
    if case == "snake":
        return snake_case(name)
    if name.isupper():
        return name
    words = re.findall(r"[A-Za-z0-9]+", name)
    text = "".join(word[0].upper() + word[1:] for word in words)
    return text if case == "pascal" else text[0].lower() + text[1:]


def snake_case(name: str) -> str:
    """Return a name in small letters as the generator writes it: digits begin no word."""
    name = re.sub(r"([A-Z]+)([A-Z][a-z][a-z]+)", r"\1_\2", name)
    name = re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name)
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()


def write_name(name: str, rules: Rules) -> str:
    """Return a name in the language's case."""
    words = _cased(split_words(name), rules)
    return ("_" if rules["case"] == "snake" else "").join(words)


def _cased(words: list[str], rules: Rules) -> Iterator[str]:
    case, capitals = rules["case"], _capitals(rules)
    for index, word in enumerate(words):
        is_small = case == "snake" or (case == "camel" and index == 0)
        yield word.lower() if is_small else capitals.get(word.lower(), word.capitalize())


def _is_ours(name: str, rules: Rules) -> bool:
    """Return whether the generator would write the name in a way of its own."""
    return "$" in name or _has_capitals(name, rules)


def _has_capitals(name: str, rules: Rules) -> bool:
    return any(word.lower() in _capitals(rules) for word in split_words(name))


def _capitals(rules: Rules) -> dict[str, str]:
    """Return the words that a language writes its own way, by themselves in small letters."""
    return {word.lower(): word for word in rules.get("capitals", ())}
