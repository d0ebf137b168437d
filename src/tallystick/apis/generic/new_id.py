"""The id of a new item: a UUID, a number counted up, or a text by the contract's rules."""

from __future__ import annotations

from typing import Any, NamedTuple

from tallystick import randomness
from tallystick.contract.schema import Schema
from tallystick.contract.schema_shape import SchemaShape
from tallystick.contract.schema_values import SchemaValues

_UUID_LENGTH = 36
_NUMBERS = frozenset({"integer", "number"})


class IdRules(NamedTuple):
    """What an id keeps: the schema of the member with it, and that of the path's parameter."""

    member: SchemaShape
    path: SchemaShape
    counts: bool
    """Whether ids are numbers, counted up."""
    draws: bool
    """Whether a UUID may be no id, so that two may be equal."""
    judges: tuple[Schema, ...]
    """What an id that is drawn keeps."""

    def written(self, id_: Any) -> Any:
        """Return an id as the member has it: a number, or its text."""
        if not self.counts or not str(id_).isdigit():
            return id_
        return str(id_) if self.member.type == "string" else int(id_)


def id_rules(values: SchemaValues, member: SchemaShape, path: SchemaShape) -> IdRules:
    """Return the rules of an id; one with a text counts too where the path takes numbers alone."""
    counts = member.type in _NUMBERS
    if path.type in _NUMBERS and not counts:
        counts = "string" not in path.types and values.validator(member.keywords).is_valid("1")
    draws = not counts and (_has_rules(member) or _has_rules(path))
    judges = tuple(values.validator(each.keywords) for each in (member, path) if draws)
    return IdRules(member, path, counts, draws, judges)


def draw_id(values: SchemaValues, rules: IdRules) -> Any:
    """Return an id: a UUID, as many of its digits as fit, or else a text by the rules."""
    if not rules.draws:
        return randomness.uuid4_text()
    path, member = rules.path.keywords, rules.member.keywords
    lengths = [each["maxLength"] for each in (path, member) if "maxLength" in each]
    both = {**path, **member, **({"maxLength": min(lengths)} if lengths else {})}
    for text in (randomness.uuid4_text(), randomness.token_hex(16)[: both.get("maxLength")]):
        if all(judge.is_valid(text) for judge in rules.judges):
            return text
    return values.make_value(both, randomness.token_hex(8), examples=False)


def _has_rules(id_: SchemaShape) -> bool:
    keywords = id_.keywords
    least, most = (keywords.get(each, _UUID_LENGTH) for each in ("minLength", "maxLength"))
    return not least <= _UUID_LENGTH <= most or bool(keywords.keys() & {"pattern", "enum", "const"})
