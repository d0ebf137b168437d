"""The alternatives of a discriminator: listed, mapped, or heirs by ``allOf``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from tallystick.contract.reader.faults import Steps
from tallystick.contract.reader.references import Node
from tallystick.gate.diff.merged_schema import Nodes
from tallystick.gate.openapi_document import OpenApiDocument

LISTS = ("anyOf", "oneOf")
"""Keywords with a list of alternatives."""

_SCHEMAS = ("components", "schemas")


class Discriminator:
    """The alternatives of a discriminator, and its names for them."""

    def __init__(self, holder: Node, alternatives: Nodes) -> None:
        self.alternatives = alternatives
        """References, or schemas without a name."""
        place = holder.child("discriminator")
        self._mapped = {
            name: _refer(place, name, reference_to(named))
            for name, named in read_mapping(place).items()
        }
        named = {each.reference: each for each in alternatives if each.reference}
        self._names: dict[str, list[str]] = {label: [] for label in named}
        self._stray: list[str] = []
        for name, node in self._mapped.items():
            self._names.get(str(node.reference), self._stray).append(name)
        unmapped = {_own_name(each): named[each] for each in named if not self._names[each]}
        self.meant: dict[str, Node] = unmapped | self._mapped
        """The alternative of each name; without a name in the mapping it keeps its own."""

    def list_names(self, label: str) -> frozenset[str]:
        """Return the names of an alternative; none of what is no alternative."""
        if label not in self._names:
            return frozenset()
        return frozenset(self._names[label] or filter(None, [_own_name(label)]))

    def list_mapped(self, label: str) -> Iterator[tuple[str, Node]]:
        """Yield the names of an alternative in the mapping, and all names where none is meant.

        The names of no alternative come with the first one: with each, they would be the square.
        """
        names: Iterable[str] = self._mapped
        if label in self._names:
            is_first = label == next(iter(self._names))
            names = (*self._names[label], *(self._stray if is_first else ()))
        return ((name, self._mapped[name]) for name in names)


class ToldApart:
    """Finds the alternatives of the discriminators of one document."""

    def __init__(self, document: OpenApiDocument) -> None:
        self._document = document
        self._read: dict[tuple[str, Steps], Discriminator] = {}
        self._heirs: dict[str, dict[str, None]] = {}

    def read(self, holder: Node) -> Discriminator:
        """Return the discriminator of a schema."""
        if holder.key not in self._read:
            self._read[holder.key] = Discriminator(holder, self._list_alternatives(holder))
        return self._read[holder.key]

    @cached_property
    def heirs(self) -> dict[str, list[str]]:
        """Return by reference the references of all schemas with it in their ``allOf``."""
        found: dict[str, list[str]] = {}
        for name, schema in self._list_schemas().items():
            parts = schema.get("allOf") if isinstance(schema, dict) else None
            for part in parts if isinstance(parts, list) else ():
                if isinstance(reference := read_member(part, "$ref"), str):
                    found.setdefault(reference, []).append(_reference_of(name))
        return found

    def _list_schemas(self) -> Mapping[str, Any]:
        found = self._document.root.value
        for step in _SCHEMAS:
            found = read_member(found, step)
        is_needed = self._document.may_have_text(b"discriminator")
        return found if is_needed and isinstance(found, dict) else {}

    def _list_alternatives(self, holder: Node) -> Nodes:
        listed = [holder.child(each) for each in LISTS if each in holder.value]
        if listed:
            return tuple(each for group in listed for each in group.items())
        place = holder.child("discriminator")
        mapped = dict.fromkeys(map(reference_to, read_mapping(place).values()))
        return tuple(_refer(place, each, each) for each in mapped or self.list_heirs(holder))

    def list_heirs(self, holder: Node) -> dict[str, None]:
        """Return the references of a schema's heirs, and of theirs."""
        reference = self.reference(holder)
        if reference is None:
            return {}
        if reference not in self._heirs:
            found = self._heirs[reference] = {}
            waiting = [reference]
            while waiting:
                new = [each for each in self.heirs.get(waiting.pop(), ()) if each not in found]
                found |= dict.fromkeys(new)
                waiting += new
        return self._heirs[reference]

    def reference(self, schema: Node) -> str | None:
        """Return the reference of a schema of the document's components; None of another one."""
        is_own = schema.file is self._document.root.file and schema.steps[:-1] == _SCHEMAS
        return _reference_of(schema.steps[-1]) if is_own else None

    def is_one_itself(self, holder: Node) -> bool:
        """Tell if a schema with heirs is an alternative beside them.

        It is where its member lists values and no mapping tells them: no schema's name is one.
        """
        place = holder.child("discriminator")
        members = self._document.read_mapping(holder, "properties")
        name = str(read_member(place.value, "propertyName"))
        if read_mapping(place) or name not in members:
            return False
        member = self._document.follow(members[name]).value
        return any(read_member(member, each) is not None for each in ("enum", "const"))


def _refer(place: Node, name: str, reference: str) -> Node:
    """Return a reference at the place of a discriminator."""
    return Node(place.file, (*place.steps, name), {"$ref": reference})


def _own_name(reference: str) -> str:
    """Return the name of a schema, and an empty text for a file."""
    place, _, name = reference.rpartition("/")
    return name if "#" in place else ""


def reference_to(named: object) -> str:
    """Return the reference that a discriminator's mapping means: it may be a schema's name."""
    text = str(named)
    is_name = "/" not in text and "#" not in text and "." not in text
    return _reference_of(text) if is_name else text


def read_mapping(discriminator: Node) -> Mapping[str, Any]:
    """Return the mapping of a discriminator; an empty one if there is none."""
    found = read_member(discriminator.value, "mapping")
    return found if isinstance(found, dict) else {}


def read_member(value: Any, name: Any) -> Any:
    """Return a member of a mapping; None without it, and of another value."""
    return value.get(name) if isinstance(value, dict) else None


def _reference_of(name: object) -> str:
    return "#/" + "/".join((*_SCHEMAS, str(name)))
