"""The names of members where a language can't have the generator's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from tallystick.clients.plain_text import split_words

Rules = Mapping[str, Any]
"""A language's ``memberNames``: its ``case`` (``original`` leaves each name as it is), the words
with ``capitals`` of their own, ``taken``, the names that its objects have, and ``escapes``, forms
of names that it can't have as they are, each with a verbose pattern of these."""


def name_members(schemas: Mapping[str, Any], rules: Rules) -> dict[str, str]:
    """Return the name in the language of each member in need of one; other members have none.

    Of two members whose names a language writes alike, the one that it writes as the contract does
    keeps its name, else the first; the other one has a number, from `2` on. A member has one name
    in all objects.
    """
    if rules["case"] == "original":
        return {}
    objects = [list(schema.get("properties", {})) for schema in schemas.values()]
    names = {member: _member_name(member, rules) for members in objects for member in members}
    given = set(map(_fold_name, names.values()))
    for members in objects:
        seen: set[str] = set()
        for member in sorted(members, key=lambda each: names[each] != each):
            if _fold_name(names[member]) in seen:
                names[member] = _number_name(member, given, rules)
            seen.add(_fold_name(names[member]))
    return {
        member: name
        for member, name in names.items()
        if _own_name(member, rules) or name != _usual_name(member, rules["case"])
    }


def _member_name(member: str, rules: Rules) -> str:
    """Return the name of a member by itself, with a `_` where objects have it already."""
    written = _written_name(member, rules)
    return f"{written}_" if written in rules.get("taken", ()) else _escape(written, rules)


def _number_name(member: str, given: set[str], rules: Rules) -> str:
    """Return a name with the first number that makes it one of its own, and keep it."""
    names = (write_name(f"{member} {number}", rules) for number in count(2))
    found = next(name for name in names if _fold_name(name) not in given)
    given.add(_fold_name(found))
    return found


def _fold_name(name: str) -> str:
    """Return what is left of a name in a getter: the first letter is a capital."""
    return name[:1].upper() + name[1:]


def name_parameters(names: Iterable[str], rules: Rules) -> dict[str, str]:
    """Return the name of each argument that the generator would write another way."""
    rules = {**rules, "case": _argument_case(rules)}
    return {name: own for name in names if (own := _own_name(name, rules))}


def name_method(operation: str, rules: Rules) -> str:
    """Return the name of an operation's method, in a form that the language can have."""
    written = {"pascal": operation[:1].upper() + operation[1:], "snake": snake_case(operation)}
    return _escape(written.get(rules["case"], operation), rules)


class MemberNames:
    """The names of an API's members in a language."""

    def __init__(self, schemas: Mapping[str, Any], rules: Rules) -> None:
        self._own = name_members(schemas, rules)
        self._rules = rules

    def __getitem__(self, member: str) -> str:
        return self._own.get(member) or _usual_name(member, self._rules["case"])


class ArgumentNames:
    """The names of arguments in a language.

    `given` are those of its configuration, `renamed` the other names that a contract has for some.
    """

    def __init__(self, given: Mapping[str, str], rules: Rules, renamed: Mapping[str, str]) -> None:
        self._given = given
        self._rules = rules
        self._renamed = renamed

    def __getitem__(self, argument: str) -> str:
        argument = self._renamed.get(argument, argument)
        if self._rules["case"] == "pascal":
            return write_field(argument, self._rules)
        own = name_parameters([argument], self._rules) | dict(self._given)
        return own.get(argument) or _usual_name(argument, _argument_case(self._rules))


def _argument_case(rules: Rules) -> str:
    """Return the case of arguments, which begin with a small letter in all languages."""
    return "snake" if rules["case"] == "snake" else "camel"


def _own_name(name: str, rules: Rules) -> str:
    """Return a name as we write it, or an empty text for the generator's own."""
    written = _written_name(name, rules)
    escaped = _escape(written, rules)
    return escaped if _is_ours(name, rules) or escaped != written else ""


def _written_name(name: str, rules: Rules) -> str:
    return write_name(name, rules) if _is_ours(name, rules) else _usual_name(name, rules["case"])


def _escape(written: str, rules: Rules) -> str:
    """Return a name in a form that the language can have."""
    for form, words in rules.get("escapes", {}).items():
        if re.fullmatch(words, written, re.VERBOSE):
            return str(form.format(written))
    return written


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


def write_field(name: str, rules: Rules) -> str:
    """Return a name in the language's case, in a form that the language can have."""
    return _escape(write_name(name, rules), rules)


def _cased(words: list[str], rules: Rules) -> Iterator[str]:
    case, capitals = rules["case"], _capitals(rules)
    for index, word in enumerate(words):
        is_small = case == "snake" or (case == "camel" and index == 0)
        yield word.lower() if is_small else capitals.get(word.lower(), word.capitalize())


def _is_ours(name: str, rules: Rules) -> bool:
    """Return whether the generator would write the name in a way of its own."""
    is_mixed = name[:2].isupper() and not name.isupper() and rules["case"] == "camel"
    return "$" in name or is_mixed or _has_capitals(name, rules)


def _has_capitals(name: str, rules: Rules) -> bool:
    return any(word.lower() in _capitals(rules) for word in split_words(name))


def _capitals(rules: Rules) -> dict[str, str]:
    """Return the words that a language writes its own way, by themselves in small letters."""
    return {word.lower(): word for word in rules.get("capitals", ())}
