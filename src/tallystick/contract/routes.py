"""Finds the operations at a request's path, and the API for its errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.operation import Operation

TEMPLATE = "{}"


class RouteMatch(NamedTuple):
    """The operations at a path, by method, and the values of its templates."""

    operations: Mapping[str, Operation]
    segments: Sequence[str]


class _Node:
    __slots__ = ("api", "children", "operations", "template")

    def __init__(self, api: str | None) -> None:
        self.api = api
        self.children: dict[bytes, _Node] = {}
        self.template: _Node | None = None
        self.operations: dict[str, Operation] = {}


class Routes:
    """A tree of all paths of the contract; a literal segment wins over a template."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node(None)
        self._static: dict[bytes, RouteMatch] = {}
        for operation in operations:
            self._add(operation)

    def _add(self, operation: Operation) -> None:
        node = self._root
        for step in operation.path[1:].split("/"):
            if step.startswith("{") and step.endswith("}"):
                node.template = node.template or _Node(operation.error_api)
                node = node.template
            else:
                node = node.children.setdefault(step.encode(), _Node(operation.error_api))
        node.operations[operation.method] = operation
        if "{" not in operation.path:
            self._static[operation.path.encode()] = RouteMatch(node.operations, ())

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
            child = node.children.get(unquote_to_bytes(step)) or (node.template if step else None)
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
    child = node.children.get(steps[at])
    found = _find(child, steps, at + 1, taken) if child else None
    if found is None and node.template is not None and steps[at]:
        found = _find(node.template, steps, at + 1, (*taken, steps[at]))
    return found


def _text(step: bytes) -> str:
    try:
        return step.decode()
    except UnicodeDecodeError:
        raise Invalid([Violation("path", "", "charset", None, "is not UTF-8")]) from None
