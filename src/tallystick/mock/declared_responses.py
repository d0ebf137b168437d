"""What the contract declares of each operation's answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tallystick.contract import error_codes
from tallystick.contract.error_codes import AnswerCodes, CodedKeyword, Codes
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.operation import Operation
from tallystick.contract.parameters import Parameters
from tallystick.contract.schema import Schema, to_json_schema

UNNAMED = "default"
"""The name of an example that has none."""


@dataclass(frozen=True)
class DeclaredResponse:
    """One status of one operation."""

    status: int
    headers: Mapping[str, str]
    """Those that are always there, by their examples."""
    known_headers: Mapping[str, str]
    """Lower-case name → name, of all that may be there."""
    header_rules: Sequence[Mapping[str, Any]]
    """Those that may be there, as parameters."""
    schemas: Mapping[str, Mapping[str, Any]]
    """Media type → schema."""
    examples: Mapping[str, Any]
    definitions: Mapping[str, Any] = field(repr=False)

    @property
    def media_type(self) -> str:
        """The first of its media types; empty if it has no body."""
        return next(iter(self.schemas), "")

    @cached_property
    def validators(self) -> Mapping[str, Schema]:
        """Media type → what judges a body."""
        return {m: Schema(to_json_schema(s), self.definitions) for m, s in self.schemas.items()}

    def header_violations(self, headers: Mapping[bytes, bytes]) -> list[Violation]:
        """What is wrong with headers, by their lower-case names: one that is missing, too."""
        try:
            self._headers.read_arguments(b"", (), headers)
        except Invalid as error:
            return list(error.violations)
        return []

    @cached_property
    def _headers(self) -> Parameters:
        return Parameters(self.header_rules, self.definitions, {}, everything=False)


class DeclaredResponses:
    """Looks up what the joined contract says of an operation."""

    def __init__(self, specification: Mapping[str, Any]) -> None:
        self._root = specification
        self._components = specification.get("components", {})
        self._paths = specification["paths"]
        self._codes = {
            api: error_codes.table({"x-codes": codes})
            for api, codes in specification.get("x-codes", {}).items()
        }
        self._responses: dict[str, Mapping[int, DeclaredResponse]] = {}
        schemas = self._components.get("schemas", {})
        self._definitions = {name: to_json_schema(schema) for name, schema in schemas.items()}

    @property
    def schemes(self) -> Mapping[str, Mapping[str, Any]]:
        """All security schemes."""
        schemes: Mapping[str, Mapping[str, Any]] = self._components.get("securitySchemes", {})
        return schemes

    def schema(self, written: Mapping[str, Any]) -> Schema:
        """A schema that refers to components of the contract, to judge values by."""
        return Schema(to_json_schema(written), self._definitions)

    def codes(self, operation: Operation) -> Codes:
        """Return the error codes of the API that the operation's errors are of."""
        return self._codes.get(operation.error_api, {})

    def answer_codes(self, operation: Operation) -> AnswerCodes:
        """Return the error codes that each answer of the operation can carry."""
        content = self._content(operation)
        return error_codes.answer_codes(content, self._root, self.codes(operation))

    def responses(self, operation: Operation) -> Mapping[int, DeclaredResponse]:
        """Every status that an operation may answer."""
        if operation.id not in self._responses:
            declared = self._content(operation)["responses"]
            self._responses[operation.id] = {
                int(status): self._response(int(status), self._resolved(node))
                for status, node in declared.items()
            }
        return self._responses[operation.id]

    def rule(self, operation: Operation, code: str) -> Violation | None:
        """Return a rule of the operation's request whose breach has that code, if there is one."""
        keywords = error_codes.coded_keywords(self._content(operation), self._root)
        return next((_violation(keyword) for keyword in keywords if keyword.code == code), None)

    def _content(self, operation: Operation) -> Mapping[str, Any]:
        content: Mapping[str, Any] = self._paths[operation.path][operation.method.lower()]
        return content

    def _response(self, status: int, node: Mapping[str, Any]) -> DeclaredResponse:
        headers = {n: self._resolved(h) for n, h in node.get("headers", {}).items()}
        required = [name for name, header in headers.items() if header.get("required")]
        rules = [{**header, "name": name, "in": "header"} for name, header in headers.items()]
        content = node.get("content", {})
        return DeclaredResponse(
            status,
            {name: _example(headers[name]) for name in required},
            {name.lower(): name for name in headers},
            rules,
            {media_type: media["schema"] for media_type, media in content.items()},
            dict(self._examples(next(iter(content.values()), {}))),
            self._definitions,
        )

    def _examples(self, media: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        if "example" in media:
            yield UNNAMED, media["example"]
        for name, example in media.get("examples", {}).items():
            yield name, self._resolved(example)["value"]

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        return error_codes.resolve(node, self._root)


def _violation(keyword: CodedKeyword) -> Violation:
    where, path, name, code = keyword
    return Violation(where, path[0] if path else "", name, code, "is refused by the mock", path)


def _example(header: Mapping[str, Any]) -> str:
    return str(header.get("example", header.get("schema", {}).get("example", "")))
