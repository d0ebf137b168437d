"""Looks up the answers declared by the contract for each operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from tallystick.contract import error_codes
from tallystick.contract.direction import WRITE_ONLY, one_way_definitions, one_way_schema
from tallystick.contract.error_codes import AnswerCodes, CodedKeyword, Codes
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.header_values import header_example, header_value, is_servers_own
from tallystick.contract.parameters import Parameters
from tallystick.contract.schema import Schema, to_json_schema
from tallystick.contract.schema_values import SchemaValues


class OperationKey(Protocol):
    """The key of one operation among all of the joined contract."""

    @property
    def id(self) -> str:
        """Its operationId."""
        ...

    @property
    def path(self) -> str:
        """Its path, with templates."""
        ...

    @property
    def method(self) -> str:
        """Its method, in capitals."""
        ...

    @property
    def error_api(self) -> str:
        """The API in whose shape its errors are."""
        ...


UNNAMED = "default"
"""The name of an example without a name."""


@dataclass(frozen=True)
class DeclaredResponse:
    """An operation's declared answer with one status."""

    status: int
    headers: Mapping[str, str]
    """The required headers, each with its example or a made value."""
    known_headers: Mapping[str, str]
    """Lower-case name → name, of all declared headers."""
    header_rules: Sequence[Mapping[str, Any]]
    """All declared headers, each as an OpenAPI parameter."""
    schemas: Mapping[str, Mapping[str, Any]]
    """Media type → schema."""
    examples: Mapping[str, Any]
    definitions: Mapping[str, Any] = field(repr=False)
    extensions: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Its members that begin with ``x-``."""
    shown_headers: Mapping[str, str] = field(default_factory=dict)
    """The headers with an example, required or not."""
    examples_by_type: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    """Media type → its examples; `examples` are those of the first."""

    @property
    def media_type(self) -> str:
        """Return the first media type; empty without a body."""
        return next(iter(self.schemas), "")

    @cached_property
    def validators(self) -> Mapping[str, Schema]:
        """Return the compiled schema of each media type."""
        return {
            media_type: Schema(
                one_way_schema(to_json_schema(schema), self.definitions, WRITE_ONLY),
                self.definitions,
            )
            for media_type, schema in self.schemas.items()
        }

    def header_violations(self, headers: Iterable[tuple[bytes, bytes]]) -> list[Violation]:
        """Return all violations of headers, with lower-case names; a missing one counts."""
        try:
            self._headers.read_arguments(b"", (), self._headers.join_lines(headers))
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
        self._by_range: dict[tuple[str, int], DeclaredResponse] = {}
        schemas = self._components.get("schemas", {})
        self._definitions = one_way_definitions(schemas, WRITE_ONLY)

    @cached_property
    def values(self) -> SchemaValues:
        """Return the maker of values from schemas of the contract."""
        return SchemaValues(self._root, self._definitions)

    @property
    def schemes(self) -> Mapping[str, Mapping[str, Any]]:
        """Return all security schemes by name."""
        schemes: Mapping[str, Mapping[str, Any]] = self._components.get("securitySchemes", {})
        return schemes

    def schema(self, written: Mapping[str, Any]) -> Schema:
        """Return a compiled schema with references to the contract's components."""
        return Schema(to_json_schema(written), self._definitions)

    def codes(self, operation: OperationKey) -> Codes:
        """Return the error codes of the API that the operation's errors are of."""
        return self._codes.get(operation.error_api, {})

    def answer_codes(self, operation: OperationKey) -> AnswerCodes:
        """Return the possible error codes of each answer of the operation."""
        content = self._content(operation)
        return error_codes.answer_codes(content, self._root, self.codes(operation))

    def responses(self, operation: OperationKey) -> Mapping[int, DeclaredResponse]:
        """Return the declared answers of an operation by status, without ranges and default."""
        if operation.id not in self._responses:
            declared = self._content(operation)["responses"]
            self._responses[operation.id] = {
                int(status): self._response(int(status), self._resolved(node))
                for status, node in declared.items()
                if str(status).isdigit()
            }
        return self._responses[operation.id]

    def find_response(self, operation: OperationKey, status: int) -> DeclaredResponse | None:
        """Return the answer of a status: its own, its range's (``4XX``) or the default; or None."""
        if found := self.responses(operation).get(status):
            return found
        declared = self._content(operation)["responses"]
        node = declared.get(f"{status // 100}XX") or declared.get("default")
        if node is None:
            return None
        key = (operation.id, status)
        if key not in self._by_range:
            self._by_range[key] = self._response(status, self._resolved(node))
        return self._by_range[key]

    def declares_any(self, operation: OperationKey) -> bool:
        """Return whether the contract declares any answer of an operation."""
        return bool(self._content(operation)["responses"])

    def success_response(self, operation: OperationKey) -> DeclaredResponse | None:
        """Return the first declared success, else the default, else any answer; or None."""
        exact = self.responses(operation)
        successes = [response for status, response in exact.items() if status // 100 == 2]
        if successes:
            return successes[0]
        return self.find_response(operation, 200) or next(iter(exact.values()), None)

    def rule(self, operation: OperationKey, code: str) -> Violation | None:
        """Return a rule of the operation's request whose breach has that code, if there is one."""
        keywords = error_codes.coded_keywords(self._content(operation), self._root)
        return next((_violation(keyword) for keyword in keywords if keyword.code == code), None)

    def _content(self, operation: OperationKey) -> Mapping[str, Any]:
        content: Mapping[str, Any] = self._paths[operation.path][operation.method.lower()]
        return content

    def _response(self, status: int, node: Mapping[str, Any]) -> DeclaredResponse:
        headers = {n: self._resolved(h) for n, h in node.get("headers", {}).items()}
        told = {n: header for n, header in headers.items() if not is_servers_own(n)}
        required = {
            name: header_value(name, header, self.values)
            for name, header in told.items()
            if header.get("required")
        }
        examples = {name: header_example(header) for name, header in told.items()}
        rules = [{**header, "name": name, "in": "header"} for name, header in headers.items()]
        content = node.get("content", {})
        by_type = {media_type: dict(self._examples(media)) for media_type, media in content.items()}
        return DeclaredResponse(
            status,
            required,
            {name.lower(): name for name in headers},
            rules,
            {media_type: media.get("schema", {}) for media_type, media in content.items()},
            next(iter(by_type.values()), {}),
            self._definitions,
            {name: value for name, value in node.items() if name.startswith("x-")},
            {name: text for name, text in examples.items() if text is not None},
            by_type,
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
