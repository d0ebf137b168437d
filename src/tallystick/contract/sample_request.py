"""One valid request of each operation, made from the contract alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from tallystick.contract.direction import READ_ONLY, one_way_definitions, one_way_schema
from tallystick.contract.document import Document
from tallystick.contract.media_types import is_json, plain_type
from tallystick.contract.page_names import BACKWARD_CURSORS, CURSORS, is_cursor, named_parts
from tallystick.contract.parameters import IGNORED_HEADERS
from tallystick.contract.sample_body import WrittenBody, write_body
from tallystick.contract.schema import Schema
from tallystick.contract.schema_values import SchemaValues
from tallystick.contract.security_schemes import http_word
from tallystick.contract.shape import Shape
from tallystick.contract.styled_writer import write_query, write_text

_CURSORS = CURSORS | BACKWARD_CURSORS

SECRET = "sample"
"""What stands in every credential."""

Values = Mapping[str, Any]


class SampleRequest(NamedTuple):
    """A request, ready to be sent."""

    method: str
    path: str
    """Encoded."""
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def target(self) -> str:
        """Its path with its query."""
        return f"{self.path}?{self.query}" if self.query else self.path


class SampleValues(NamedTuple):
    """The values of a call, before they are written."""

    parameters: Mapping[str, Any]
    """The required ones, by name."""
    body: Any
    """None where there is none, or no JSON."""


class SampleRequests:
    """Makes requests of one contract; the same ones each time."""

    def __init__(self, document: Document) -> None:
        schemas = document.components.get("schemas", {})
        self._document = document
        self._definitions = one_way_definitions(schemas, READ_ONLY)
        self._values = SchemaValues(document.content, self._definitions)

    def make_request(self, operation_id: str, path_values: Values | None = None) -> SampleRequest:
        """Return a request of an operation; `path_values` are the values known for its path."""
        path, method, operation = self._find(operation_id)
        query: list[str] = []
        cookies: list[str] = []
        headers: dict[str, str] = {}
        for parameter in map(self._document.resolve, operation.get("parameters", ())):
            name, where = parameter["name"], parameter["in"]
            known = (path_values or {}).get(name) if where == "path" else None
            value = self._parameter_value(parameter, f"{path} {name}", known)
            if where == "path":
                path = path.replace(f"{{{name}}}", write_text(parameter, value, _encode))
            elif value is None or value in ([], {}):
                continue
            elif where == "query":
                query += write_query(parameter, value)
            elif where == "cookie":
                cookies.append(f"{name}={write_text(parameter, value, _encode)}")
            elif name.lower() not in IGNORED_HEADERS:
                headers[name] = write_text(parameter, value, _plain)
        self._add_credentials(operation, headers, query, cookies)
        body = self.write_body(operation)
        if body:
            headers["Content-Type"] = body.media_type
        if cookies:
            headers["Cookie"] = "; ".join(cookies)
        content = body.content if body else b""
        return SampleRequest(method.upper(), path, "&".join(query), headers, content)

    def make_branches(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """Return bodies of the alternatives of an operation's JSON that its sample is none of.

        Each has the name of its schema, or its number from 1.
        """
        media = self._json_media(operation) or {}
        schema, found = self._document.resolve(media.get("schema", {})), {}
        kind = next((each for each in ("oneOf", "anyOf") if each in schema), "")
        sample = self._value(media, operation["operationId"])
        for number, branch in enumerate(schema.get(kind, ()), 1):
            if not self._judge({"schema": branch}).is_valid(sample):
                name = branch.get("$ref", str(number)).rpartition("/")[2].rpartition(".")[2]
                alone = {**schema, kind: [branch]}
                found[name] = self._values.make_value(alone, f"{operation['operationId']} {name}")
        judge = self._judge(media)
        return {name: value for name, value in found.items() if judge.is_valid(value)}

    def make_values(self, operation: Mapping[str, Any]) -> SampleValues:
        """Return the values of a call that an operation requires, its body as JSON."""
        path = operation["operationId"]
        parameters = {
            each["name"]: self._parameter_value(each, f"{path} {each['name']}", None)
            for each in map(self._document.resolve, operation.get("parameters", ()))
            if each.get("required")
        }
        media = self._json_media(operation)
        body = None if media is None else self._value(media, path)
        return SampleValues(parameters, body)

    def write_body(self, operation: Mapping[str, Any]) -> WrittenBody | None:
        """Return the body of an operation, in the media type that can be written best."""
        content = self._document.resolve(operation.get("requestBody", {})).get("content", {})
        seed = operation["operationId"]
        if not content:
            return None
        return write_body(content, lambda media: self._value(media, seed), self._is_file)

    def list_cursors(self) -> list[str]:
        """Return the query parameters for the place of a page, or with a member for it."""
        content = self._document.content
        return sorted(
            {
                parameter["name"]
                for _, _, operation in self._document.operations()
                for parameter in map(self._document.resolve, operation.get("parameters", ()))
                for part in named_parts(parameter, content)
                if is_cursor(part, content, _CURSORS)
            }
        )

    def _json_media(self, operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
        content = self._document.resolve(operation.get("requestBody", {})).get("content", {})
        return next((media for name, media in content.items() if is_json(plain_type(name))), None)

    def _is_file(self, media: Mapping[str, Any], name: str) -> bool:
        schema = one_way_schema(media.get("schema", {}), self._definitions, READ_ONLY)
        shape = Shape(schema, self._definitions).member(name)
        return shape.is_binary or (shape.is_array and shape.item(0).is_binary)

    def _find(self, operation_id: str) -> tuple[str, str, Mapping[str, Any]]:
        return next(
            found
            for found in self._document.operations()
            if found[2]["operationId"] == operation_id
        )

    def _parameter_value(self, parameter: Mapping[str, Any], seed: str, known: Any) -> Any:
        """Return the known value if it is valid, or another; None for one that can be left out."""
        is_required = bool(parameter.get("required"))
        if not is_required and is_cursor(parameter, self._document.content, _CURSORS):
            return None  # an answer tells it, and the contract does not
        media = next(iter(parameter.get("content", {}).values()), parameter)
        judge = self._judge(media)
        if known is not None and judge.is_valid(known):
            return known
        value = self._value({**media, **_examples(parameter)}, seed)
        value = self._without_cursors(parameter, value, judge)
        # A template takes no empty text.
        if parameter["in"] == "path":
            return "sample" if value in ("", None) else value
        can_be_sent = judge.is_valid(value) and _is_written(parameter, value)
        return value if can_be_sent or is_required else None

    def _without_cursors(self, parameter: Mapping[str, Any], value: Any, judge: Schema) -> Any:
        """Return the value of an object in a query without the cursors that can be left out."""
        if parameter.get("style") != "deepObject" or not isinstance(value, dict):
            return value
        content, holder = self._document.content, parameter["name"]
        parts = named_parts(parameter, content)
        cursors = {each["name"] for each in parts if is_cursor(each, content, _CURSORS)}
        kept = {name: each for name, each in value.items() if f"{holder}[{name}]" not in cursors}
        return kept if judge.is_valid(kept) else value

    def _judge(self, media: Mapping[str, Any]) -> Schema:
        schema = media.get("schema", {})
        return self._values.validator(one_way_schema(schema, self._definitions, READ_ONLY))

    def _value(self, media: Mapping[str, Any], seed: str) -> Any:
        """Return the first example that keeps the schema, or else a value made from it."""
        judge = self._judge(media)
        for example in self._list_examples(media):
            if judge.is_valid(example):
                return example
        return self._values.make_value(media.get("schema", {}), seed)

    def _list_examples(self, media: Mapping[str, Any]) -> Iterator[Any]:
        if "example" in media:
            yield media["example"]
        for example in media.get("examples", {}).values():
            found = self._document.resolve(example)
            if "value" in found:
                yield found["value"]

    def _add_credentials(
        self,
        operation: Mapping[str, Any],
        headers: dict[str, str],
        query: list[str],
        cookies: list[str],
    ) -> None:
        """Add those of the first requirement that asks for some."""
        schemes = self._document.components.get("securitySchemes", {})
        for name in next(filter(None, operation.get("security", ())), ()):
            scheme = schemes[name]
            if word := http_word(scheme):
                secret = _BASIC if word == "basic" else SECRET
                headers["Authorization"] = f"{word.capitalize()} {secret}"
            elif scheme.get("in") == "header":
                headers[scheme["name"]] = SECRET
            elif scheme.get("in") == "query":
                query.append(f"{_encode(scheme['name'])}={SECRET}")
            elif scheme.get("in") == "cookie":
                cookies.append(f"{scheme['name']}={SECRET}")


_BASIC = b64encode(f"{SECRET}:{SECRET}".encode()).decode()


def _examples(parameter: Mapping[str, Any]) -> dict[str, Any]:
    return {name: parameter[name] for name in ("example", "examples") if name in parameter}


def _is_written(parameter: Mapping[str, Any], value: Any) -> bool:
    """Whether a style can write the value: of lists and objects within others only one can."""
    if "content" in parameter or parameter.get("style") == "deepObject":
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not any(isinstance(each, dict | list) for each in inner)


def _encode(text: str) -> str:
    return quote(text, safe="")


def _plain(text: str) -> str:
    return text
