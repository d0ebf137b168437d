"""Problem selectors, read into criteria; `problem_query` makes SQL of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tallystick.apis.keyastrom.event_selector import EventStatus, status_of, truth_of
from tallystick.apis.keyastrom.selector_parser import Parser, check_weight, text_of, texts_of

if TYPE_CHECKING:
    from lark import Token


class ProblemProperty(StrEnum):
    """The properties to select problems by, in small letters."""

    SEVERITY = "severitylevel"
    IMPACT = "impactlevel"
    ROOT_CAUSE = "rootcauseentity"
    ZONE_ID = "managementzoneids"
    ZONE_NAME = "managementzones"
    IMPACTED_ENTITY = "impactedentities"
    AFFECTED_ENTITY = "affectedentities"
    AFFECTED_TYPE = "affectedentitytypes"
    PROBLEM_ID = "problemid"
    DISPLAY_ID = "displayid"
    FILTER_ID = "problemfilterids"
    FILTER_NAME = "problemfilternames"
    TAG = "entitytags"


@dataclass(frozen=True, slots=True)
class OneOf:
    """Problems with one of these values of a property."""

    property: ProblemProperty
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InStatus:
    """Problems in this state."""

    status: EventStatus


@dataclass(frozen=True, slots=True)
class HoldsText:
    """Problems with a text in title, display ID or entity's ID, in any letter case."""

    text: str


@dataclass(frozen=True, slots=True)
class UnderMaintenance:
    """Problems of a maintenance, shown or hidden; here all are without one."""

    shown: bool


Criterion = OneOf | InStatus | HoldsText | UnderMaintenance
ProblemSelector = tuple[Criterion, ...]
"""A problem must meet every criterion."""


def parse_problem_selector(text: str) -> ProblemSelector:
    """Read a problem selector; raise `SelectorError` with the columns at fault."""
    criteria = _PARSER.parse(text)
    check_weight(text, (1 for _ in criteria))
    return criteria


class _ProblemCriteria:
    """Builds criteria as the parser recognises them."""

    def selector(self, *criteria: Criterion) -> ProblemSelector:
        return criteria

    def values(self, *values: Token) -> tuple[Token, ...]:
        return values

    def status(self, _: Token, value: Token) -> Criterion:
        return InStatus(status_of(value))

    def text(self, _: Token, value: Token) -> Criterion:
        return HoldsText(text_of(value))

    def under_maintenance(self, _: Token, value: Token) -> Criterion:
        return UnderMaintenance(truth_of(value))

    def named(self, name: Token, *others: Token | tuple[Token, ...]) -> Criterion:
        values = others[-1]
        assert isinstance(values, tuple)
        return OneOf(ProblemProperty(name.casefold()), texts_of(values))


_PARSER: Parser[ProblemSelector] = Parser("problem_selector.lark", _ProblemCriteria)
