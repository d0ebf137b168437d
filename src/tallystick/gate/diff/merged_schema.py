"""All that a schema says of a value, gathered from its parts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tallystick.contract.reader.references import Node

ATOMS = frozenset("null boolean integer fraction string array object".split())
"""The kinds of values. A number of JSON Schema is an integer or a fraction."""

LOWER_SIZES = frozenset("minLength minItems minContains minProperties".split())
UPPER_SIZES = frozenset("maxLength maxItems maxContains maxProperties".split())
CONDITIONS = frozenset(
    "not if then else contains propertyNames dependentSchemas "
    "dependentRequired dependencies unevaluatedItems unevaluatedProperties contentSchema "
    "x-property-names".split()
)
"""Keywords that narrow a schema further, and are compared as they are written."""

Nodes = tuple[Node, ...]
"""Schemas that all judge the same value; none of them means that any value is taken."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit of a number."""

    value: float
    is_open: bool
    """The limit itself is outside."""
    node: Node

    def __str__(self) -> str:
        return f"{self.value}{' (outside)' if self.is_open else ''}"


@dataclass(slots=True)
class MergedSchema:
    """All a schema says of a value, one alternative of its ``anyOf`` and ``oneOf`` chosen."""

    node: Node
    key: tuple[object, ...]
    label: str = ""
    """The reference by which the alternative was chosen."""
    group: str = ""
    """The keyword that has the alternative: ``anyOf``, ``oneOf`` or ``discriminator``."""
    types: frozenset[str] = ATOMS
    type_node: Node | None = None
    enum: dict[str, Any] | None = None
    enum_node: Node | None = None
    lower: Bound | None = None
    upper: Bound | None = None
    sizes: dict[str, tuple[int, Node]] = field(default_factory=dict)
    patterns: dict[str, Node] = field(default_factory=dict)
    formats: dict[str, Node] = field(default_factory=dict)
    multiples: dict[float, Node] = field(default_factory=dict)
    flags: dict[str, Node] = field(default_factory=dict)
    """``uniqueItems``, ``readOnly`` and ``writeOnly``, where they are true."""
    required: dict[str, Node] = field(default_factory=dict)
    properties: dict[str, Nodes] = field(default_factory=dict)
    by_pattern: dict[str, Nodes] = field(default_factory=dict)
    additional: Nodes = ()
    is_closed: Node | None = None
    """The node that forbids further members."""
    items: Nodes = ()
    first_items: dict[int, Nodes] = field(default_factory=dict)
    conditions: dict[str, Nodes] = field(default_factory=dict)
    told_apart: Node | None = None
    """The schema with the ``discriminator``."""

    def of_type(self, type_: str) -> MergedSchema:
        """Return the schema for values of one type alone."""
        return replace(self, types=frozenset((type_,)), key=(*self.key, type_))

    def of_value(self, name: str, value: Any) -> MergedSchema:
        """Return the schema for one value of its enum alone."""
        return replace(self, enum={name: value}, key=(*self.key, name))
