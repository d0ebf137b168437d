"""A schema with its references, its ``allOf`` and one of its alternatives put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tallystick.contract.error_codes import Node, resolve

_REFERENCE = "$ref"
_ALTERNATIVES = ("oneOf", "anyOf")
_MAX_STEPS = 50
"""References and parts that one schema is put together from."""


class SchemaShape:
    """One level of a schema: all its own keywords in one object, and none that leads elsewhere."""

    def __init__(self, schema: Any, root: Node, turn: int = 0) -> None:
        """`root`: the document that references lead into; `turn`: which alternatives to take."""
        self._root = root
        self._turn = turn
        self._steps = _MAX_STEPS
        self.references: list[str] = []
        """All references that were followed, the first one first."""
        self.forms = 1
        """How many turns there are: the most alternatives that it can be made of."""
        self.keywords: dict[str, Any] = {}
        self._add(schema)

    @property
    def type(self) -> str:
        """Its type; of several the first that is not null, and a guess where none is given."""
        types = self.types
        return next((each for each in types if each != "null"), types[0] if types else "")

    @property
    def types(self) -> Sequence[str]:
        """All types that it allows, as far as it says so."""
        given = self.keywords.get("type")
        if isinstance(given, str):
            return [given]
        if isinstance(given, list) and given:
            return given
        return [kind for kind, names in _TELLTALES.items() if names & self.keywords.keys()][:1]

    @property
    def is_nullable(self) -> bool:
        """Whether it takes null."""
        return bool(self.keywords.get("nullable")) or "null" in self.types

    @property
    def properties(self) -> Mapping[str, Any]:
        """The schemas of its members, by name."""
        properties: Mapping[str, Any] = self.keywords.get("properties", {})
        return properties

    @property
    def required(self) -> frozenset[str]:
        """The members that it requires."""
        return frozenset(self.keywords.get("required", ()))

    def member(self, name: str) -> SchemaShape:
        """Return the shape of one member; of an unknown one, a shape that allows all."""
        return SchemaShape(self.properties.get(name, {}), self._root)

    def items(self) -> SchemaShape:
        """Return the shape of an array's items."""
        return SchemaShape(self.keywords.get("items", {}), self._root)

    def _add(self, schema: Any) -> None:
        if not isinstance(schema, Mapping) or self._steps <= 0:
            return
        self._steps -= 1
        if _REFERENCE in schema:
            self._follow(schema[_REFERENCE])
        for part in schema.get("allOf", ()):
            self._add(part)
        _merge(self.keywords, {n: v for n, v in schema.items() if n not in _COMBINING})
        for keyword in _ALTERNATIVES:
            if schema.get(keyword):
                self._choose(schema[keyword], schema.get("discriminator"))

    def _follow(self, reference: str) -> None:
        if reference not in self.references:
            self.references.append(reference)
            self._add(resolve({_REFERENCE: reference}, self._root))

    def _choose(self, alternatives: Sequence[Any], discriminator: Any) -> None:
        """Take the alternative whose turn it is, of those that lead to nothing followed before."""
        usable = [each for each in alternatives if not _is_null(each)] or list(alternatives)
        fresh = [e for e in usable if _reference(e) not in self.references]
        options = fresh or usable
        self.forms = max(self.forms, len(options))
        chosen = options[self._turn % len(options)]
        self._add(chosen)
        if isinstance(discriminator, Mapping) and "propertyName" in discriminator:
            value = _discriminating(chosen, discriminator.get("mapping", {}))
            self._name_form(discriminator["propertyName"], value)

    def _name_form(self, name: str, value: str | None) -> None:
        """Give a member the value that names the form, unless the form gives it another itself."""
        own = self.member(name).keywords
        if value and "const" not in own and value in own.get("enum", (value,)):
            _merge(self.keywords, {"properties": {name: {"enum": [value]}}})


_COMBINING = frozenset({_REFERENCE, "allOf", *_ALTERNATIVES, "discriminator"})

_TELLTALES: Mapping[str, frozenset[str]] = {
    "object": frozenset({"properties", "additionalProperties", "required", "minProperties"}),
    "array": frozenset({"items", "minItems", "maxItems", "prefixItems"}),
    "string": frozenset({"pattern", "minLength", "maxLength", "format"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "multipleOf"}),
}
"""Keywords by which a schema without a type tells it."""


_CONST = "const"
_ANY = object()


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if name == "properties":
            into[name] = _merge_properties(into.get(name, {}), value)
        elif name == "required" and isinstance(value, list):
            into[name] = [*into.get(name, ()), *value]
        elif name == "enum" and name in into:
            into[name] = [each for each in value if each in into[name]] or value
        elif name == _CONST and value not in into.get("enum", (value,)):
            continue  # it is of an alternative, and all of its values are narrowed elsewhere
        else:
            if name == "enum" and into.get(_CONST, _ANY) not in (*value, _ANY):
                del into[_CONST]
            into[name] = value


def _merge_properties(own: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    both = {name: {"allOf": [own[name], more[name]]} for name in more if name in own}
    return {**own, **more, **both}


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def _reference(schema: Any) -> str | None:
    return schema.get(_REFERENCE) if isinstance(schema, Mapping) else None


def _discriminating(chosen: Any, mapping: Mapping[str, str]) -> str | None:
    return next(iter(form_names(chosen, mapping)), None)


def form_names(form: Any, mapping: Mapping[str, str]) -> list[str]:
    """Return the values of a discriminator's member for a form."""
    reference = _reference(form) or ""
    name = reference.rpartition("/")[2]
    by_mapping = [value for value, target in mapping.items() if target in (reference, name)]
    # Without a mapping the name of the schema is the value: without the name of its contract.
    return by_mapping or [own for own in [name.rpartition(".")[2]] if own]
