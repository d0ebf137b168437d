"""An environment for python-jsonpath that counts the steps of each look-up.

The library's nodes keep their path as text and their children: a key of 1 MB would be copied for
each node below it. The nodes here keep neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jsonpath import JSONPathEnvironment, JSONPathMatch
from jsonpath.parse import Parser
from jsonpath.segments import (
    JSONPathChildSegment,
    JSONPathRecursiveDescentSegment,
    JSONPathSegment,
)
from jsonpath.stream import TokenStream

_COMPARED_PER_STEP = 20
"""The characters or items of two compared values that cost one step."""


class CountingEnvironment(JSONPathEnvironment):
    """An environment that counts tried selectors, selected nodes and compared values."""

    def __init__(self, spend: Callable[[int], None], size_of: Callable[[object], int]) -> None:
        self.spend = spend
        self.size_of = size_of
        super().__init__()

    def compare(self, left: object, operator: str, right: object) -> bool:
        """Compare two values of a filter, at a cost by their size."""
        self.spend((self.size_of(left) + self.size_of(right)) // _COMPARED_PER_STEP)
        return super().compare(left, operator, right)


class _LightNode(JSONPathMatch):
    __slots__ = ()

    @classmethod
    def lighten(cls, node: JSONPathMatch) -> _LightNode:
        return node if isinstance(node, cls) else cls._at(node.obj, node)

    @classmethod
    def _at(cls, value: object, parent: JSONPathMatch) -> _LightNode:
        context = parent.filter_context()
        return cls(
            filter_context=context, obj=value, parent=None, path="", parts=(), root=parent.root
        )

    def new_child(self, obj: object, _key: int | str) -> JSONPathMatch:
        return self._at(obj, self)

    def add_child(self, *_children: JSONPathMatch) -> None:
        pass


class _CountingChildren(JSONPathChildSegment):
    __slots__ = ()

    def resolve(self, nodes: Iterable[JSONPathMatch]) -> Iterable[JSONPathMatch]:
        for node in nodes:
            yield from _selected(self, _LightNode.lighten(node))


class _CountingDescendants(JSONPathRecursiveDescentSegment):
    __slots__ = ()

    def resolve(self, nodes: Iterable[JSONPathMatch]) -> Iterable[JSONPathMatch]:
        for node in nodes:
            for visited in self._visit(_LightNode.lighten(node)):
                yield from _selected(self, visited)


def _selected(segment: JSONPathSegment, node: JSONPathMatch) -> Iterable[JSONPathMatch]:
    spend = segment.env.spend  # type: ignore[attr-defined]  # the environment is ours
    for selector in segment.selectors:
        spend(1)
        for match in selector.resolve(node):
            spend(1)
            yield match


class _CountingParser(Parser):
    def parse_query(self, stream: TokenStream) -> tuple[JSONPathSegment, ...]:
        """Parse segments that count their steps, also those within a filter."""
        return tuple(map(_counting, super().parse_query(stream)))


CountingEnvironment.parser_class = _CountingParser


def _counting(segment: JSONPathSegment) -> JSONPathSegment:
    descends = isinstance(segment, JSONPathRecursiveDescentSegment)
    kind = _CountingDescendants if descends else _CountingChildren
    return kind(env=segment.env, token=segment.token, selectors=segment.selectors)
