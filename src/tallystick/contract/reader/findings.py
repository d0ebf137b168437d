"""The faults found so far, and the needs of each part of a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tallystick.contract.json_pointer import write_pointer
from tallystick.contract.reader.faults import MAX_FAULTS, ContractFault, Severity, Steps
from tallystick.contract.reader.positions import find_lines
from tallystick.contract.reader.references import ContractFile, Node


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A fault before its line is looked up."""

    file: ContractFile
    steps: Steps
    rule: str
    message: str
    severity: Severity

    def is_within(self, node: Node) -> bool:
        """Return whether the fault is in a node."""
        return self.file is node.file and self.steps[: len(node.steps)] == node.steps


Needs = dict["str | PlacedFault", None]
"""Component schemas that a part of a document leads to, and faults that keep it from service.

A set in the document's order, so that the first fault is the one that is told.
"""


class Findings:
    """Collects the faults of one document."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Steps, str, str], PlacedFault] = {}
        self._needs: Needs = {}

    @contextmanager
    def collecting(self) -> Iterator[Needs]:
        """Collect the needs noted meanwhile; the part around it has the same needs."""
        outer, self._needs = self._needs, {}
        try:
            yield self._needs
        finally:
            outer |= self._needs
            self._needs = outer

    def need(self, needs: Iterable[str | PlacedFault]) -> None:
        """Note needs of the part being read."""
        self._needs.update(dict.fromkeys(needs))

    def warn(self, node: Node, rule: str, message: str) -> None:
        """Note a fault; the part is still served, as the message says."""
        self._add(node, rule, message, Severity.WARNING)

    def refuse(self, node: Node, rule: str, message: str) -> None:
        """Note a fault; it keeps the part being read from service."""
        self._needs[self._add(node, rule, message, Severity.ERROR)] = None

    def leave_out(self, node: Node, name: str, cause: PlacedFault) -> None:
        """Note a part left out because of a fault elsewhere."""
        place = f"{cause.file.name} {write_pointer(cause.steps)}"
        self._add(node, "left-out", f"{name} is left out: {place}: {cause.message}", Severity.ERROR)

    def _add(self, node: Node, rule: str, message: str, severity: Severity) -> PlacedFault:
        finding = PlacedFault(node.file, node.steps, rule, message, severity)
        key = (node.file.location, node.steps, rule, message)
        if len(self._found) < MAX_FAULTS or severity is Severity.ERROR:
            self._found.setdefault(key, finding)
        return finding

    def list_faults(self) -> tuple[ContractFault, ...]:
        """Return all faults with their lines: by file, in the order of its lines."""
        by_file: dict[str, list[PlacedFault]] = {}
        for finding in self._found.values():
            by_file.setdefault(finding.file.location, []).append(finding)
        return tuple(fault for found in by_file.values() for fault in _locate(found))


def _locate(found: list[PlacedFault]) -> list[ContractFault]:
    file = found[0].file
    lines = find_lines(file.text, {finding.steps for finding in found})
    faults = [
        ContractFault(
            f.file.name, lines[f.steps], write_pointer(f.steps), f.rule, f.message, f.severity
        )
        for f in found
    ]
    return sorted(faults, key=lambda fault: fault.line)


def spread(needs: Mapping[str, Needs]) -> dict[str, PlacedFault]:
    """Return the components kept from service, each with the fault it leads to."""
    users: dict[str, list[str]] = {}
    unserved: dict[str, PlacedFault] = {}
    for name, needed in needs.items():
        for need in needed:
            if isinstance(need, PlacedFault):
                unserved.setdefault(name, need)
            else:
                users.setdefault(need, []).append(name)
    queue = list(unserved)
    while queue:
        name = queue.pop()
        for user in users.get(name, ()):
            if user not in unserved:
                unserved[user] = unserved[name]
                queue.append(user)
    return unserved
