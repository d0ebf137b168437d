"""Looks up the answers declared by the contract for each operation."""

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
"""The name of an example without a name."""


@dataclass(frozen=True)
class DeclaredResponse:
    """An operation's declared answer with one status."""

    status: int
    headers: Mapping[str, str]
    """The required headers, with their examples as values."""
    known_headers: Mapping[str, str]
    """Lower-case name → name, of all declared headers."""
    header_rules: Sequence[Mapping[str, Any]]
    """All declared headers, each as an OpenAPI parameter."""
    schemas: Mapping[str, Mapping[str, Any]]
    """Media type → schema."""
    examples: Mapping[str, Any]
    definitions: Mapping[str, Any] = field(repr=False)

    @property
    def media_type(self) -> str:
        """Return the first media type; empty without a body."""
        return next(iter(self.schemas), "")

    @cached_property
    def validators(self) -> Mapping[str, Schema]:
        """Return the compiled schema of each media type."""
        return {m: Schema(to_json_schema(s), self.definitions) for m, s in self.schemas.items()}

    def header_violations(self, headers: Mapping[bytes, bytes]) -> list[Violation]:
        """Return all violations of headers, given by lower-case name; a missing one counts."""
        try:
            self._headers.read_arguments(b"", (), headers)
        except Invalid as error:
            return list(error.violations)
        return []

    @cached_property
    def _headers(self) -> Parameters:
        return Parameters(self.header_rules, self.definitions, {}, everything=False)


class DeclaredResponses:
    """The joined contract's answers, by operation."""

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
        """Return all security schemes by name."""
        schemes: Mapping[str, Mapping[str, Any]] = self._components.get("securitySchemes", {})
        return schemes

    def schema(self, written: Mapping[str, Any]) -> Schema:
        """Return a compiled schema with references to the contract's components."""
        return Schema(to_json_schema(written), self._definitions)

    def codes(self, operation: Operation) -> Codes:
        """Return the error codes of the API whose error shape the operation has."""
        return self._codes.get(operation.error_api, {})

    def answer_codes(self, operation: Operation) -> AnswerCodes:
        """Return the possible error codes of each answer of the operation, by status."""
        content = self._content(operation)
        return error_codes.answer_codes(content, self._root, self.codes(operation))

    def responses(self, operation: Operation) -> Mapping[int, DeclaredResponse]:
        """Return the declared answers of an operation by status."""
        if operation.id not in self._responses:
            declared = self._content(operation)["responses"]
            self._responses[operation.id] = {
                int(status): self._response(int(status), self._resolved(node))
                for status, node in declared.items()
            }
        return self._responses[operation.id]

    def rule(self, operation: Operation, code: str) -> Violation | None:
        """Return a violation of the operation's request with that error code, or None."""
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
