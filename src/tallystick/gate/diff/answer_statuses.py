"""The statuses of answers: single ones, ranges such as `4XX`, and the default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallystick.contract.reader.references import Node


def cover(status: str, others: Mapping[str, Node]) -> str | None:
    """Return the answer for a status: its own, its range's, or the default."""
    if status in others:
        return status
    if status[:1] + "XX" in others:
        return status[:1] + "XX"
    within = sorted(other for other in others if status.endswith("XX") and other[0] == status[0])
    if within:
        return within[0]
    has_success = any(other.startswith("2") for other in others)
    is_success = status.startswith("2")
    return "default" if "default" in others and not (is_success and has_success) else None


def read_status(name: str) -> str:
    """Return the name of an answer, with a range in capitals."""
    return name.upper() if name[1:].lower() == "xx" else name


def includes(answers: Mapping[str, Node], status: str) -> bool:
    """Return whether answers name a status, or all statuses of a range."""
    found = cover(status, answers)
    return found is not None and not is_of_range(found, status)


def is_of_range(status: str, wide: str) -> bool:
    """Return whether a status is one of a range such as `4XX`."""
    return wide.endswith("XX") and status != wide and status[0] == wide[0]


def list_covering(
    before: Mapping[str, Node], after: Mapping[str, Node]
) -> Iterator[tuple[str, str]]:
    """Yield each pair of answers where one stands for the other."""
    pairs = [(status, cover(status, after)) for status in before]
    pairs += [(found, status) for status in after if (found := cover(status, before))]
    shared = before.keys() & after.keys()
    for old, new in dict.fromkeys(pairs):
        # A status told apart from a range or default that stays is a further one, no changed one.
        if new is not None and (old == new or not shared & {old, new}):
            yield old, new
