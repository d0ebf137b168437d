"""The changes between two documents, by their effect on clients."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tallystick.gate.outcome import ContractPlace


class Level(StrEnum):
    """The effect of a change on callers of the API."""

    BREAKING = "breaking"
    WARNING = "warning"
    ADDITION = "addition"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a document."""

    level: Level
    rule: str
    where: str
    """The operation, field or code changed."""
    says: str
    places: tuple[ContractPlace, ...] = ()
