"""One difference between two documents, before its lines are looked up."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tallystick.contract.reader.references import Node


class Side(StrEnum):
    """Name the sender of a schema's values."""

    REQUEST = "request"
    """A caller sends it: less than before breaks the caller."""
    ANSWER = "answer"
    """A caller reads it: more than before breaks the caller."""


class Difference(NamedTuple):
    """A difference by one rule, in the old or the new document or in both."""

    rule: str
    where: str
    """The operation, field or code changed."""
    says: str
    old: Node | None = None
    new: Node | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Return the difference's key, the same wherever it was met."""
        places = (node.key if node else None for node in (self.old, self.new))
        return (self.rule, *places, self.says)

    def below(self, where: str) -> Difference:
        """Return the difference as one in a part of something."""
        return self._replace(where=f"{where}{self.where}")
