"""The faults of a contract, each with its file, line, place and rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tallystick.contract.document import ContractError

MAX_FAULTS = 1_000
"""Faults of one document that are told."""

Steps = tuple[str | int, ...]
"""The way from the top of a file to a value: names of members and numbers of items."""


class Severity(StrEnum):
    """Say what became of the part with the fault."""

    ERROR = "error"
    """It is left out."""
    WARNING = "warning"
    """It is served, as the message tells."""


@dataclass(frozen=True, slots=True)
class ContractFault:
    """One fault of a contract."""

    file: str
    line: int
    place: str
    """A JSON pointer."""
    rule: str
    message: str
    severity: Severity

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{self.file}:{self.line}: {place}{self.message} [{self.rule}]"


class UnreadableContract(ContractError):
    """Nothing of a contract can be served; `faults` say why."""

    def __init__(self, faults: Sequence[ContractFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)
