"""Schemas in the normal form: each one that a reference means becomes a component."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from tallystick.contract.reader.codes import known_codes
from tallystick.contract.reader.findings import Findings, Needs
from tallystick.contract.reader.keywords import (
    COMBINING,
    IN_PLACE,
    KEPT,
    NAMED,
    NAMING,
    ONLY_3_1,
    OUTDATED,
    RULES_3_0,
    RULES_3_1,
)
from tallystick.contract.reader.misplaced import follow_mapping
from tallystick.contract.reader.references import Node, References, Unresolved
from tallystick.contract.reader.unique_names import UniqueNames
from tallystick.contract.reader.versions import read_as_other_version, with_null
from tallystick.contract.subschemas import LISTS, SINGLE

MAX_STEPS = 500_000
"""Schemas that are read for one document, each as often as it is hoisted within another one."""

MAX_MISPLACED = 10
"""Mappings within each other that stand where a reference to them stood."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_COMPONENT = "#/components/schemas/"
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_STRUCTURE = frozenset("schema items properties $defs definitions allOf anyOf oneOf".split())


class TooMuchWork(Exception):
    """The references of a document multiply its schemas beyond the bound."""


class SchemaReader:
    """Reads the schemas of one document, and hoists what references mean."""

    def __init__(
        self,
        references: References,
        findings: Findings,
        root: Node,
        api: str,
        codes: Mapping[str, Any],
        is_3_0: bool,
    ) -> None:
        self._references = references
        self._findings = findings
        self._root = root
        self._api = api
        self._codes = codes
        self._is_3_0 = is_3_0
        self._rules = RULES_3_0 if self._is_3_0 else RULES_3_1
        self._names: dict[tuple[str, tuple[str | int, ...]], str] = {}
        self._given = UniqueNames(separator="_")
        self._nodes: dict[str, Node] = {}
        self._queue: deque[tuple[str, Node]] = deque()
        self._steps = 0
        self._misplaced = 0
        self._reading: str | None = None
        self._in_place: dict[str, set[str]] = {}
        self.components: dict[str, Any] = {}
        """Schemas by name; complete after `read_components`."""
        self.needs: dict[str, Needs] = {}

    def declare(self, declared: Node) -> None:
        """Name the document's own component schemas before what references lead to."""
        for _, node in declared.members():
            self._hoist(node)

    def read_components(self) -> None:
        """Read the document's own component schemas, and all that references led to."""
        while self._queue:
            name, node = self._queue.popleft()
            self._reading = name
            with self._findings.collecting() as self.needs[name]:
                self.components[name] = self.read_root(node)
        self._reading = None
        self._refuse_endless()

    def read_root(self, node: Node) -> dict[str, Any]:
        """Return a schema that stands by itself: of a component, a media type, a parameter."""
        read = self._read(node, in_place=self._reading is not None)
        if self._is_3_0:
            return read if isinstance(read, dict) else {}
        if isinstance(read, bool):
            read = {} if read else {"not": {}}
        return {"$schema": DIALECT, **read}

    def _read(self, node: Node, in_place: bool) -> Any:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TooMuchWork
        value = node.value
        if isinstance(value, bool) and not self._is_3_0:
            return value
        if not isinstance(value, dict):
            self._findings.refuse(node, "schema-invalid", "must be a schema")
            return {}
        reference = node.reference
        if reference is None:
            return self._read_keywords(node, in_place)
        found = self._refer(node, reference, in_place)
        if self._is_3_0 or len(value) == 1:
            return found
        return found | self._read_keywords(node, in_place)

    def _read_keywords(self, node: Node, in_place: bool) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for keyword in node.value:
            if keyword != "$ref":
                self._read_keyword(node, keyword, in_place, read)
        if self._is_3_0:
            self._mend_bounds(node, read)
            self._leave_out_idle_null(node, read)
        elif node.value.get("nullable") is True:
            self._allow_null(node, read)
        return read

    def _read_keyword(self, node: Node, keyword: str, in_place: bool, read: dict[str, Any]) -> None:
        value = node.value[keyword]
        if keyword in NAMING or (keyword == "nullable" and not self._is_3_0):
            return
        if self._is_3_0 and keyword in ONLY_3_1:
            self._warn(node, keyword, "is no keyword of OpenAPI 3.0")
        elif keyword in OUTDATED:
            self._warn(node, keyword, "is no keyword of JSON Schema 2020-12")
        elif keyword in self._rules:
            self._read_rule(node, keyword, value, read)
        elif keyword in SINGLE:
            self._read_single(node, keyword, in_place, read)
        elif keyword in LISTS:
            self._read_list(node, keyword, in_place, read)
        elif keyword in NAMED:
            self._read_named(node.child(keyword), keyword, in_place, read)
        elif keyword == "$dynamicRef":
            self._read_dynamic(node.child(keyword), in_place, read)
        elif keyword in self._others:
            self._others[keyword](self, node.child(keyword), read)
        elif keyword in KEPT or keyword.startswith("x-"):
            read[keyword] = value
        else:
            self._warn(node, keyword, "is no known keyword")

    def _read_rule(self, node: Node, keyword: str, value: Any, read: dict[str, Any]) -> None:
        fits, words = self._rules[keyword]
        if fits(value):
            read[keyword] = value
            return
        mended = read_as_other_version(node.value, keyword, self._is_3_0)
        if mended is None:
            self._warn(node, keyword, f"must be {words}")
            return
        read |= mended
        other = "3.1" if self._is_3_0 else "3.0"
        self._warn_of_version(node, keyword, other)

    def _leave_out_idle_null(self, node: Node, read: dict[str, Any]) -> None:
        """Leave out a ``nullable`` that adds null to no type, where the parts refuse null."""
        if read.get("nullable") and "type" not in read and COMBINING & read.keys():
            del read["nullable"]
            self._warn(node, "nullable", "says nothing without a type")

    def _allow_null(self, node: Node, read: dict[str, Any]) -> None:
        """Read ``nullable`` of OpenAPI 3.0, which says something beside a type alone."""
        if "type" not in read:
            self._warn(node, "nullable", "says nothing without a type")
            return
        read |= with_null(read)
        self._warn_of_version(node, "nullable", "3.0")

    def _warn_of_version(self, node: Node, keyword: str, version: str) -> None:
        message = f"{keyword} is written as in OpenAPI {version}: it is read as there"
        self._findings.warn(node.child(keyword), "schema-version", message)

    def _read_single(self, node: Node, keyword: str, in_place: bool, read: dict[str, Any]) -> None:
        inner = node.child(keyword)
        if keyword == "additionalProperties" and isinstance(inner.value, bool):
            read[keyword] = inner.value
        elif isinstance(inner.value, dict | bool):
            read[keyword] = self._read(inner, in_place and keyword in IN_PLACE)
        else:
            self._warn(node, keyword, "must be a schema")

    def _read_list(self, node: Node, keyword: str, in_place: bool, read: dict[str, Any]) -> None:
        inner = node.child(keyword)
        if not isinstance(inner.value, list) or not inner.value:
            self._warn(node, keyword, "must be a list of schemas")
            return
        below = in_place and keyword in IN_PLACE
        read[keyword] = [self._read(item, below) for item in inner.items()]

    def _read_named(self, node: Node, keyword: str, in_place: bool, read: dict[str, Any]) -> None:
        if node.reference is not None:
            self._read_misplaced(node, keyword, in_place, read)
        elif not isinstance(node.value, dict):
            message = f"{keyword} must be a mapping of names to schemas: it is left out"
            self._findings.warn(node, "schema-invalid", message)
        else:
            below = in_place and keyword in IN_PLACE
            read[keyword] = {
                name: self._read(schema, below)
                for name, schema in node.members()
                if keyword != "patternProperties" or self._has_regex(schema, name)
            }

    def _read_misplaced(
        self, node: Node, keyword: str, in_place: bool, read: dict[str, Any]
    ) -> None:
        """Read the mapping that a reference in the place of one means, as bundlers do."""
        if self._misplaced >= MAX_MISPLACED:
            self._findings.refuse(node, "ref-circular", f"{node.reference} leads back to itself")
            return
        found = follow_mapping(node, self._references, self._findings)
        self._misplaced += 1
        self._read_named(found, keyword, in_place, read)
        self._misplaced -= 1

    def _has_regex(self, node: Node, name: str) -> bool:
        fits, words = self._rules["pattern"]
        if not fits(name):
            self._findings.warn(node, "schema-invalid", f"{name} must be {words}: it is left out")
        return fits(name)

    def _read_discriminator(self, node: Node, read: dict[str, Any]) -> None:
        if not isinstance(node.value, dict) or not isinstance(node.value.get("propertyName"), str):
            self._findings.warn(
                node, "schema-invalid", "discriminator must have a propertyName: it is left out"
            )
            return
        read["discriminator"] = {"propertyName": node.value["propertyName"]}
        if "mapping" in node.value:
            found = {name: self._find_mapped(to) for name, to in node.child("mapping").members()}
            read["discriminator"]["mapping"] = {name: to for name, to in found.items() if to}
        if "defaultMapping" in node.value and (
            to := self._find_mapped(node.child("defaultMapping"))
        ):
            read["discriminator"]["defaultMapping"] = to

    def _find_mapped(self, node: Node) -> str | None:
        """Return a reference to the component that a discriminator's mapping means."""
        named = str(node.value)
        is_name = (self._root.file.location, ("components", "schemas", named)) in self._names
        reference = _COMPONENT + named if is_name else named
        start = self._root if is_name else node
        try:
            return _COMPONENT + self._hoist(self._references.find(start, reference))
        except Unresolved as error:
            self._findings.warn(node, error.rule, f"{error}: it is left out")
            return None

    def _read_codes(self, node: Node, read: dict[str, Any]) -> None:
        found = known_codes(node, self._codes, self._findings)
        if found:
            read["x-error-codes"] = found

    def _read_dynamic(self, node: Node, in_place: bool, read: dict[str, Any]) -> None:
        self._findings.warn(node, "schema-dynamic", "is read as a $ref: its scope is not dynamic")
        read |= self._refer(node, str(node.value), in_place)

    _others: Mapping[str, Callable[[SchemaReader, Node, dict[str, Any]], None]] = {
        "discriminator": _read_discriminator,
        "x-error-codes": _read_codes,
    }

    def _mend_bounds(self, node: Node, read: dict[str, Any]) -> None:
        for keyword, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if keyword in read and bound not in read:
                self._warn(node, keyword, f"says nothing without {bound}")
                del read[keyword]

    def _warn(self, node: Node, keyword: str, message: str) -> None:
        self._findings.warn(
            node.child(keyword), "schema-invalid", f"{keyword} {message}: it is left out"
        )

    def _refer(self, node: Node, reference: str, in_place: bool) -> dict[str, Any]:
        try:
            found = self._references.find(node, reference)
        except Unresolved as error:
            self._findings.refuse(node, error.rule, str(error))
            return {}
        name = self._hoist(found)
        if in_place and self._reading is not None:
            self._in_place.setdefault(self._reading, set()).add(name)
        return {"$ref": _COMPONENT + name}

    def _hoist(self, node: Node) -> str:
        """Return the name under which a schema is a component."""
        name = self._names.get(node.key)
        if name is None:
            name = self._names[node.key] = self._new_name(node)
            self._queue.append((name, node))
        self._findings.need((name,))
        return name

    def _new_name(self, node: Node) -> str:
        steps = [str(step) for step in node.steps if not isinstance(step, int)]
        own = next((step for step in reversed(steps) if step not in _STRUCTURE), None)
        stem = own or node.file.name.rpartition("/")[2].partition(".")[0]
        fit = _UNFIT.sub("_", stem).strip("_") or "schema"
        name = self._given.add_name(f"{self._api}.{fit}")
        self._nodes[name] = node
        return name

    def _refuse_endless(self) -> None:
        """Refuse the schemas that refer to themselves before any member or item of a value."""
        leading = _trimmed(self._in_place)
        for name in _trimmed(_reversed(leading)):
            with self._findings.collecting() as needs:
                self._findings.refuse(
                    self._nodes[name],
                    "schema-endless",
                    "refers to itself before any member or item",
                )
            self.needs[name] |= needs


def _reversed(edges: Mapping[str, set[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, targets in edges.items():
        for target in targets:
            found.setdefault(target, set()).add(name)
    return found


def _trimmed(edges: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the edges that lead on to a cycle."""
    users = _reversed(edges)
    left = {name: len(targets) for name, targets in edges.items()}
    queue = [name for name in users if name not in left]
    while queue:
        for user in users.get(queue.pop(), ()):
            left[user] -= 1
            if not left[user]:
                queue.append(user)
    kept = {name for name, count in left.items() if count}
    return {name: edges[name] & kept for name in kept}
