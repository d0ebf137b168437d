"""Finds alternatives of one schema to take the values of an alternative of another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from tallystick.gate.diff.merged_schema import MergedSchema


class Candidates:
    """The alternatives on the taking side, for each one on the sending side."""

    def __init__(
        self, comes: Sequence[MergedSchema], taken: Sequence[MergedSchema], unchanged: Iterable[int]
    ) -> None:
        """Take the places of unchanged alternatives, in lists of one length."""
        self._taken = taken
        self._are_paired = len(comes) == len(taken)
        kept = frozenset(unchanged)
        self._free = [pair for pair in enumerate(taken) if pair[0] not in kept]
        self._by_label: dict[str, list[MergedSchema]] = {}
        for each in taken:
            self._by_label.setdefault(each.label, []).append(each)

    def know(self, label: str) -> bool:
        """Return whether there is an alternative of a name."""
        return label != "" and label in self._by_label

    @property
    def are_named(self) -> bool:
        """Return whether each alternative has a name."""
        return "" not in self._by_label

    def list_for(self, number: int, schema: MergedSchema) -> Iterator[MergedSchema]:
        """Yield the alternatives open to the one at a place, the likeliest first.

        Of one name there is one. In lists of one length an unchanged alternative stands for itself
        alone.
        """
        if self.know(schema.label):
            return iter(self._by_label[schema.label])
        if not self._are_paired:
            return iter(self._taken)
        others = (each for place, each in self._free if place != number)
        return chain((self._taken[number],), others)
