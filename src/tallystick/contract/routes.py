"""Finds the operations at a request's path, and the API for its errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.operation import Operation
from tallystick.contract.path_template import SegmentPattern


class RouteMatch(NamedTuple):
    """The operations at a path, by method, and the values of its templates."""

    operations: Mapping[str, Operation]
    segments: Sequence[str]


class _Node:
    __slots__ = ("api", "children", "operations", "patterns", "template")

    def __init__(self, api: str | None) -> None:
        self.api = api
        self.children: dict[bytes, _Node] = {}
        self.patterns: list[tuple[SegmentPattern, _Node]] = []
        self.template: _Node | None = None
        self.operations: dict[str, Operation] = {}

    def add_child(self, step: str, api: str) -> _Node:
        """Return the node of a segment as the contract writes it."""
        if "{" not in step:
            return self.children.setdefault(step.encode(), _Node(api))
        pattern = SegmentPattern(step)
        if pattern.is_plain:
            self.template = self.template or _Node(api)
            return self.template
        for known, node in self.patterns:
            if known.literals == pattern.literals:
                return node
        node = _Node(api)
        self.patterns.append((pattern, node))
        self.patterns.sort(key=lambda each: -each[0].length)
        return node

    def follow_patterns(self, segment: bytes) -> Iterator[tuple[_Node, Sequence[bytes]]]:
        """Yield the nodes of a segment as sent, each with its templates' values; the best first."""
        for pattern, node in self.patterns:
            values = pattern.read_values(segment)
            if values is not None:
                yield node, values

    def follow(self, segment: bytes) -> _Node | None:
        """Return the best node of a segment, whatever comes after it."""
        child = self.children.get(segment)
        if child is None and self.patterns:
            child = next((node for node, _ in self.follow_patterns(segment)), None)
        return child or (self.template if segment else None)


class Routes:
    """A tree of all paths; a literal segment wins over a template, a longer text over a shorter."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._root = _Node(None)
        self._static: dict[bytes, RouteMatch] = {}
        for operation in operations:
            self._add(operation, operation.path)
        for operation in operations:
            if operation.base_path:
                self._add(operation, operation.base_path + operation.path)

    def _add(self, operation: Operation, address: str) -> None:
        node = self._root
        for step in address[1:].split("/"):
            node = node.add_child(step, operation.error_api)
        node.operations.setdefault(operation.method, operation)
        if "{" not in address:
            self._static[address.encode()] = RouteMatch(node.operations, ())

    def without_template(self) -> dict[tuple[str, bytes], tuple[Operation, Sequence[str]]]:
        """Return the operations at paths without a template, by method and path."""
        return {
            (method, raw_path): (operation, ())
            for raw_path, match in self._static.items()
            for method, operation in match.operations.items()
        }

    def match(self, raw_path: bytes) -> RouteMatch | None:
        """Return the operations at a raw, percent-encoded path, or None.

        Raises `Invalid` if a template's value is not UTF-8.
        """
        found = self._static.get(raw_path)
        if found is not None:
            return found
        if not raw_path.startswith(b"/"):
            return None  # such as the asterisk of OPTIONS
        steps = [unquote_to_bytes(step) for step in raw_path[1:].split(b"/")]
        return _find(self._root, steps, 0, ())

    def owner(self, raw_path: bytes) -> str | None:
        """Return the API at the longest known prefix of a path, or None."""
        node = self._root
        for step in raw_path[1:].split(b"/"):
            child = node.follow(unquote_to_bytes(step))
            if child is None:
                break
            node = child
        return node.api


def _find(
    node: _Node, steps: Sequence[bytes], at: int, taken: tuple[bytes, ...]
) -> RouteMatch | None:
    if at == len(steps):
        if not node.operations:
            return None
        return RouteMatch(node.operations, tuple(map(_text, taken)))
    step = steps[at]
    child = node.children.get(step)
    found = _find(child, steps, at + 1, taken) if child else None
    if found is None and node.patterns:
        below = (_find(n, steps, at + 1, (*taken, *v)) for n, v in node.follow_patterns(step))
        found = next(filter(None, below), None)
    if found is None and node.template is not None and step:
        found = _find(node.template, steps, at + 1, (*taken, step))
    return found


def _text(step: bytes) -> str:
    try:
        return step.decode()
    except UnicodeDecodeError:
        raise Invalid([Violation("path", "", "charset", None, "is not UTF-8")]) from None
