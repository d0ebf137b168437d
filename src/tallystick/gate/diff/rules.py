"""The rules of changes, each with its level and its smallest example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from tallystick.gate.change import Level

PAGES = "https://github.com/tallystick/tallystick/blob/main/docs/rules/"


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """A rule for one kind of change."""

    id: str
    level: Level
    concerns: str
    """The people whom the change concerns: callers, readers, or both."""
    title: str
    why: str
    """The reason it breaks them, or breaks nobody."""
    at: str
    """The place of the example in a document."""
    old: str
    new: str

    @property
    def page(self) -> str:
        """Return the address of the rule's page."""
        return f"{PAGES}{self.id}.md"


@cache
def list_rules() -> Mapping[str, ChangeRule]:
    """Return all rules by their ids."""
    text = files("tallystick.gate.diff").joinpath("rules.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, yaml.CSafeLoader)
    return {
        id_: ChangeRule(id=id_, **{**rule, "level": Level(rule["level"])})
        for id_, rule in read.items()
    }


def find_rule(id_: str) -> ChangeRule:
    """Return a rule by its id."""
    return list_rules()[id_]
