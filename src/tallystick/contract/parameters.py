"""Reads the parameters of one operation from path, query and headers, and validates them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connexion.decorators.parameter import pythonic

from tallystick.contract import query_string
from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import NOTHING, Invalid, Violation
from tallystick.contract.schema import Schema, to_json_schema

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,30})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "false": False}


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> Any:
    return float(text) if _NUMBER.fullmatch(text) else text


def _boolean(text: str) -> Any:
    return _BOOLEANS.get(text, text)


# What is not spelled as JSON spells it stays text, and breaks the schema's `type`.
_READERS: Mapping[str, Callable[[str], Any]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}


class Parameters:
    """A reader of an operation's declared parameters; it ignores all others."""

    def __init__(
        self,
        declared: Sequence[Mapping[str, Any]],
        definitions: Mapping[str, Any],
        codes: Mapping[str, str],
        everything: bool,
    ) -> None:
        """Compile the parameters; with `everything`, undeclared query names are passed on as well.

        A handler with ``**kwargs`` asks for everything.
        """
        resolve = _resolver(definitions)
        self._codes = codes
        self._everything = everything
        self._where = {p["name"]: p["in"] for p in declared}
        if len(self._where) < len(declared):
            raise ContractError("two parameters of one name")
        self._path = tuple(name for name, where in self._where.items() if where == "path")
        self._headers = tuple(
            (name, name.lower().encode())
            for name, where in self._where.items()
            if where == "header"
        )
        schemas = {p["name"]: resolve(to_json_schema(p["schema"])) for p in declared}
        types = {name: _first(schema.get("type")) for name, schema in schemas.items()}
        self._readers = {name: _READERS[t] for name, t in types.items() if t in _READERS}
        self._python = {name: pythonic(name) for name in schemas if name not in dict(self._headers)}
        self._defaults = {
            self._python[name]: schema["default"]
            for name, schema in schemas.items()
            if "default" in schema and name in self._python
        }
        self._reads_query = everything or "query" in self._where.values()
        self._schema = Schema(_together(declared), definitions)

    def read_arguments(
        self, query: bytes, segments: Sequence[str], headers: Mapping[bytes, bytes]
    ) -> dict[str, Any]:
        """Return the handler's keyword arguments; raise `Invalid` with every violation."""
        values: dict[str, Any] = self._parse(query) if self._reads_query else {}
        if segments:
            values.update(zip(self._path, segments, strict=True))
        for name, key in self._headers:
            if key in headers:
                values[name] = headers[key].decode("latin-1")
        for name, reader in self._readers.items():
            if name in values:
                values[name] = reader(values[name])
        if not self._schema.is_valid(values):
            raise Invalid(self._violations(values))
        return self._arguments(values)

    def _violations(self, values: Mapping[str, Any]) -> list[Violation]:
        if "empty" in self._codes and not self._schema.knows_any_of(values):
            return [NOTHING._replace(code=self._codes["empty"])]
        return [
            violation._replace(where=self._where.get(violation.name, "query"))
            for violation in self._schema.violations(values)
        ]

    def _parse(self, query: bytes) -> dict[str, Any]:
        try:
            values: dict[str, Any] = query_string.parse_query(query)
        except query_string.BadQuery as error:
            keyword = error.keyword
            code = self._codes.get(keyword)
            raise Invalid([Violation("query", error.name, keyword, code, str(error))]) from None
        if self._everything or values.keys() <= self._where.keys():
            return values
        return {name: values[name] for name in self._where if name in values}

    def _arguments(self, values: dict[str, Any]) -> dict[str, Any]:
        if self._everything:
            return self._defaults | values
        python = self._python
        arguments = self._defaults.copy()
        for name, value in values.items():
            if name in python:
                arguments[python[name]] = value
        return arguments


def _first(types: Any) -> Any:
    return types[0] if isinstance(types, list) else types


def _resolver(definitions: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    def resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = definitions[schema["$ref"].rpartition("/")[2]]
        return schema

    return resolve


def _together(declared: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one schema for an object of all parameters."""
    single = [p for p in declared if "x-property-prefix" not in p]
    return to_json_schema(
        {
            "type": "object",
            "required": [p["name"] for p in single if p.get("required")],
            "properties": {p["name"]: p["schema"] for p in single},
            "x-gathered": {
                p["x-property-prefix"]: p["schema"] for p in declared if "x-property-prefix" in p
            },
        }
    )
