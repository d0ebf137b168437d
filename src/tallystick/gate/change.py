"""What is different between two documents, and whether a client can feel it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tallystick.gate.outcome import ContractPlace


class Level(StrEnum):
    """What a change means to those who call the API."""

    BREAKING = "breaking"
    ADDITION = "addition"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference."""

    level: Level
    rule: str
    where: str
    """The operation, field or code that it is about."""
    says: str
    places: tuple[ContractPlace, ...] = ()
