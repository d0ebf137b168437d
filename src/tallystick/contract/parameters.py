"""Reads the parameters of one operation from their places, and validates them together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from connexion.decorators.parameter import pythonic

from tallystick.contract import query_string
from tallystick.contract.cookies import read_cookies
from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import NOTHING, Invalid, Violation
from tallystick.contract.parameter_styles import (
    StyledQuery,
    StyledText,
    as_sent,
    cookie_text,
)
from tallystick.contract.schema import Schema, to_json_schema
from tallystick.contract.schema_messages import unknown_name
from tallystick.contract.shape import SCALAR_READERS, Shape, is_time, read_time
from tallystick.contract.subschemas import resolve

PLACES = ("path", "query", "header", "cookie")
"""Where a parameter stands."""

_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_PLAIN_STYLES = {"path": "simple", "query": "form", "header": "simple"}
IGNORED_HEADERS = ("accept", "content-type", "authorization")
"""OpenAPI ignores parameters of these names: it has words of its own for them."""

SHOWN = 100
"""The characters of an unknown name that its error shows."""

MOST_UNKNOWN = 20
"""The most unknown names that are told: to find the nearest known one of each takes a while."""

Headers = Mapping[bytes, bytes]


class Parameters:
    """A reader of the declared parameters of path, query, headers and cookies.

    It ignores others, but for those of a query that may have known names only.

    A handler gets those of path and query by name, as Python spells it. Of several parameters of
    one name the query's has it, and the path's is called ``<name>_path``.
    """

    def __init__(
        self,
        declared: Sequence[Mapping[str, Any]],
        definitions: Mapping[str, Any],
        codes: Mapping[str, str],
        everything: bool,
        template: Sequence[str] | None = None,
        by_place: bool = False,
        harmless: Collection[str] | None = None,
    ) -> None:
        """Compile the parameters; with `everything`, undeclared query names are passed on as well.

        A handler with ``**kwargs`` asks for everything. `template` lists the names in the path, in
        their order. With `by_place` the handler gets place → name → value in place of keywords.
        `harmless` are the undeclared names allowed in a query; None for any.
        """
        self._harmless = harmless
        self._codes = codes
        self._everything = everything
        known = _by_key(_served(declared, template))
        self._known = known
        keys = {p["name"]: key for key, p in known.items() if p["in"] == "path"}
        self._path = tuple(keys.values() if template is None else map(keys.__getitem__, template))
        schemas = {key: resolve(_json_schema(p), definitions) for key, p in known.items()}
        plain = {key: p for key, p in known.items() if _is_plain(p, schemas[key])}
        self._headers = tuple(
            (key, p["name"].lower().encode()) for key, p in plain.items() if p["in"] == "header"
        )
        self._readers = {
            key: reader
            for key, p in plain.items()
            if (reader := _scalar_reader(p["in"], schemas[key])) is not None
        }
        self._query_names = frozenset(p["name"] for p in known.values() if p["in"] == "query")
        self._styled = _styled_readers(known.keys() - plain.keys(), known, definitions)
        self._list_headers = [
            reader.name.lower().encode()
            for key, reader in self._styled.items()
            if known[key]["in"] == "header" and reader.is_list
        ]
        self._styled_queries = _styled_queries(known.keys() - plain.keys(), known, definitions)
        self._python = {key: pythonic(key) for key, p in known.items() if p["in"] in _PASSED}
        self._defaults = {key: s["default"] for key, s in schemas.items() if "default" in s}
        self._keyword_defaults = {
            self._python[key]: value for key, value in self._defaults.items() if key in self._python
        }
        self._reads_query = everything or bool(self._query_names) or harmless is not None
        self._schema = Schema(_together(known), definitions)
        self._given = self._by_place if by_place else self._arguments

    def join_lines(self, headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
        """Return headers by name: all lines of an array or an object, of others the last one."""
        lines = [*headers]
        found = dict(lines)
        for name in self._list_headers:
            if name in found:
                found[name] = b",".join(value for key, value in lines if key == name)
        return found

    def read_arguments(
        self, query: bytes, segments: Sequence[str], headers: Headers
    ) -> dict[str, Any]:
        """Return the handler's arguments; raise `Invalid` with every violation."""
        values: dict[str, Any] = self._parse(query) if self._reads_query else {}
        if segments:
            values.update(zip(self._path, segments, strict=True))
        for name, key in self._headers:
            if key in headers:
                values[name] = headers[key].decode("latin-1")
        for name, reader in self._readers.items():
            if name in values:
                values[name] = reader(values[name])
        if self._styled:
            self._read_styled(values, headers)
        if not self._schema.is_valid(values):
            raise Invalid(self._violations(values))
        return self._given(values)

    def _read_styled(self, values: dict[str, Any], headers: Headers) -> None:
        """Replace each text of a style of its own by its value."""
        cookies = read_cookies(headers)
        for key, reader in self._styled.items():
            where = self._known[key]["in"]
            text = _text(where, reader.name, key, values, headers, cookies)
            if text is None:
                continue
            try:
                values[key] = reader.read(text, cookie_text if where == "cookie" else as_sent)
            except query_string.BadQuery as error:
                raise self._unreadable(where, error) from None

    def _unreadable(self, where: str, error: query_string.BadQuery) -> Invalid:
        keyword = error.keyword
        return Invalid(
            [Violation(where, error.name, keyword, self._codes.get(keyword), str(error))]
        )

    def _violations(self, values: Mapping[str, Any]) -> list[Violation]:
        if "empty" in self._codes and not self._schema.knows_any_of(values):
            return [NOTHING._replace(code=self._codes["empty"])]
        return [self._placed(violation) for violation in self._schema.violations(values)]

    def _placed(self, violation: Violation) -> Violation:
        parameter = self._known.get(violation.name)
        if parameter is None:
            return violation._replace(where="query")
        name = parameter["name"]
        return violation._replace(
            where=parameter["in"], name=name, path=(name, *violation.path[1:])
        )

    def _parse(self, query: bytes) -> dict[str, Any]:
        try:
            values: dict[str, Any] = (
                self._parse_styled(query)
                if self._styled_queries
                else query_string.parse_query(query)
            )
        except query_string.BadQuery as error:
            raise self._unreadable("query", error) from None
        if self._everything or values.keys() <= self._query_names:
            return values
        self._refuse_unknown(values.keys() - self._query_names)
        return {name: value for name, value in values.items() if name in self._query_names}

    def _refuse_unknown(self, names: Collection[str]) -> None:
        if self._harmless is None:
            return
        unknown = sorted(name for name in names if name not in self._harmless)
        if unknown:
            raise Invalid([*map(self._unknown, unknown[:MOST_UNKNOWN])])

    def _unknown(self, name: str) -> Violation:
        message = unknown_name(name, self._query_names)
        return Violation("query", name[:SHOWN], "unknown", None, message)

    def _parse_styled(self, query: bytes) -> dict[str, Any]:
        rest = query_string.split_fields(query)
        values = {}
        for reader in self._styled_queries:
            own = [field for field in rest if reader.owns(field[0])]
            if own:
                rest = [field for field in rest if not reader.owns(field[0])]
                values[reader.name] = reader.read(own)
        return query_string.unique_values(rest) | values

    def _arguments(self, values: dict[str, Any]) -> dict[str, Any]:
        if self._everything:
            return self._keyword_defaults | values
        python = self._python
        arguments = self._keyword_defaults.copy()
        for name, value in values.items():
            if name in python:
                arguments[python[name]] = value
        return arguments

    def _by_place(self, values: dict[str, Any]) -> dict[str, Any]:
        placed: dict[str, Any] = {place: {} for place in PLACES}
        for key, value in (self._defaults | values).items():
            if key in self._known:
                placed[self._known[key]["in"]][self._known[key]["name"]] = value
        return placed


_PASSED = ("query", "path")
"""Places whose parameters a handler gets by name, as Connexion hands them over."""


def _served(
    declared: Sequence[Mapping[str, Any]], template: Sequence[str] | None
) -> Iterable[Mapping[str, Any]]:
    """Yield the possible parameters of a request; a template without one is any text."""
    path = [p["name"] for p in declared if p["in"] == "path"]
    for parameter in declared:
        where, name = parameter["in"], parameter["name"]
        is_ignored = where == "header" and name.lower() in IGNORED_HEADERS
        if not is_ignored and (where != "path" or template is None or name in template):
            yield parameter
    for name in template or ():
        if name not in path:
            yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _by_key(declared: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the parameters by unique names: the first place in this order has the plain one."""
    parameters = [*declared]
    plain: dict[str, str] = {}
    for where in ("query", "path", "header", "cookie"):
        for parameter in parameters:
            if parameter["in"] == where:
                plain.setdefault(parameter["name"], where)
    found: dict[str, Mapping[str, Any]] = {}
    for parameter in parameters:
        name, where = parameter["name"], parameter["in"]
        key = name if plain[name] == where else f"{name}_{where}"
        if key in found:
            raise ContractError(f"two parameters of one name: {name}")
        found[key] = parameter
    return found


def _json_schema(parameter: Mapping[str, Any]) -> dict[str, Any]:
    content = parameter.get("content")
    schema = next(iter(content.values()))["schema"] if content else parameter["schema"]
    return to_json_schema(schema)


def _first(types: Any) -> Any:
    return types[0] if isinstance(types, list) else types


def _scalar_reader(place: str, schema: Mapping[str, Any]) -> Callable[[str], Any] | None:
    """Return what reads a plain text by its schema, or None for a text that stays as it is."""
    type_ = _first(schema.get("type"))
    may_lose_plus = place == "query" and type_ == "string" and is_time(schema)
    return read_time if may_lose_plus else SCALAR_READERS.get(type_)


def _is_plain(parameter: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    """Return whether a parameter is one text for a value of one type."""
    if "x-property-prefix" in parameter:
        return True
    types = schema.get("type", ())
    named = {types} if isinstance(types, str) else {*types} - {"null"}
    style = _PLAIN_STYLES.get(parameter["in"])
    return (
        len(named) == 1
        and named <= _SCALARS
        and style is not None
        and parameter.get("style", style) == style
        and "content" not in parameter
    )


def _styled_readers(
    keys: Iterable[str], known: Mapping[str, Mapping[str, Any]], definitions: Mapping[str, Any]
) -> dict[str, StyledText]:
    return {
        key: StyledText(known[key], Shape(_json_schema(known[key]), definitions))
        for key in keys
        if known[key]["in"] != "query"
    }


def _styled_queries(
    keys: Iterable[str], known: Mapping[str, Mapping[str, Any]], definitions: Mapping[str, Any]
) -> list[StyledQuery]:
    """Return the readers of a query's styles of their own; an open object comes last."""
    names = frozenset(p["name"] for p in known.values() if p["in"] == "query")
    readers = [
        StyledQuery(known[key], Shape(_json_schema(known[key]), definitions), names)
        for key in sorted(keys)
        if known[key]["in"] == "query"
    ]
    return sorted(readers, key=lambda reader: reader.is_open)


def _text(
    where: str,
    name: str,
    key: str,
    values: Mapping[str, Any],
    headers: Headers,
    cookies: Mapping[str, str],
) -> str | None:
    if where == "header":
        value = headers.get(name.lower().encode())
        return None if value is None else value.decode("latin-1")
    return cookies.get(name) if where == "cookie" else values.get(key)


def _together(known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return one schema for an object of all parameters."""
    single = {key: p for key, p in known.items() if "x-property-prefix" not in p}
    together = to_json_schema(
        {
            "type": "object",
            "required": [key for key, p in single.items() if p.get("required")],
            "x-gathered": {
                p["x-property-prefix"]: p["schema"]
                for p in known.values()
                if "x-property-prefix" in p
            },
        }
    )
    own = {key: _or_empty(p, _json_schema(p)) for key, p in single.items()}
    properties = own | together.get("properties", {})
    return {**together, "properties": properties} if properties else together


def _or_empty(parameter: Mapping[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if not parameter.get("allowEmptyValue") or parameter["in"] != "query":
        return schema
    codes = {"x-error-codes": schema["x-error-codes"]} if "x-error-codes" in schema else {}
    return {"if": {"const": ""}, "else": schema, **codes}
