"""Prepares a document for the reference page, with references resolved and curl commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import Any

from markupsafe import Markup

from tallystick.contract.document import Document
from tallystick.contract.error_codes import ErrorCode
from tallystick.contract.sample_request import SampleRequests
from tallystick.contract.scopes import required_scopes
from tallystick.web import markdown
from tallystick.web.curl import curl_line
from tallystick.web.sample_request import SampleRequest, sample_request
from tallystick.web.schema_rows import Row, Schemas, text

_MAX_ROWS = 300
"""Rows of one body: a schema that refers to itself would go on and on."""


@dataclass(frozen=True, slots=True)
class BodyOutline:
    """A body of a request or an answer, in one media type."""

    media_type: str
    rows: Sequence[Row]
    examples: Sequence[tuple[str, str]]
    """Title (empty for a single example) and text."""


@dataclass(frozen=True, slots=True)
class ResponseOutline:
    """An answer of an operation with one HTTP status."""

    status: str
    title: str
    description: Markup
    codes: Mapping[str, ErrorCode]
    """The possible error codes."""
    headers: Sequence[tuple[str, Markup]]
    bodies: Sequence[BodyOutline]


@dataclass(frozen=True, slots=True)
class OperationOutline:
    """An operation: a method at a path."""

    id: str
    method: str
    path: str
    summary: str
    description: Markup
    credentials: Sequence[str]
    """The place of each accepted credential, such as ``header Authorization``."""
    scopes: Sequence[str]
    codes: Sequence[tuple[str, str]]
    parameters: Sequence[Row]
    bodies: Sequence[BodyOutline]
    responses: Sequence[ResponseOutline]
    sample: SampleRequest
    curl: str


@dataclass(frozen=True, slots=True)
class ApiOutline:
    """An API's document."""

    stem: str
    title: str
    version: str
    description: Markup
    servers: Sequence[tuple[str, str]]
    schemes: Sequence[tuple[str, str, Markup]]
    """Name, place and description of each security scheme."""
    operations: Sequence[OperationOutline]
    codes: Mapping[str, ErrorCode]

    def operations_with(self, code: str) -> Sequence[OperationOutline]:
        """Return the operations that can answer with an error code."""
        return [o for o in self.operations if any(code in answer.codes for answer in o.responses)]


def outline(document: Document) -> ApiOutline:
    """Return the outline of a document."""
    content = document.content
    return ApiOutline(
        stem=document.api,
        title=content["info"]["title"],
        version=content["info"]["version"],
        description=markdown.block(content["info"].get("description", "")),
        servers=[(s["url"], s.get("description", "")) for s in content.get("servers", ())],
        schemes=[
            (name, _place(scheme), markdown.line(scheme.get("description", "")))
            for name, scheme in _schemes(document).items()
        ],
        operations=list(_operations(document)),
        codes=document.codes,
    )


def _schemes(document: Document) -> Mapping[str, Mapping[str, Any]]:
    schemes: Mapping[str, Mapping[str, Any]] = document.content.get("components", {}).get(
        "securitySchemes", {}
    )
    return schemes


def _place(scheme: Mapping[str, Any]) -> str:
    if scheme["type"] == "mutualTLS":
        return "client certificate"
    if scheme["type"] != "apiKey":
        return "header Authorization"
    return f"{scheme['in']} {'parameter ' if scheme['in'] == 'query' else ''}{scheme['name']}"


def _operations(document: Document) -> Iterator[OperationOutline]:
    schemas, samples = Schemas(document.content), SampleRequests(document)
    schemes = _schemes(document)
    for path, method, operation in document.operations():
        codes = document.answer_codes(operation)
        security = operation.get("security", document.content.get("security", []))
        sample = sample_request(document.api, schemas, samples, path, method, operation, security)
        yield OperationOutline(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation.get("summary") or operation["operationId"],
            description=markdown.block(operation.get("description", "")),
            credentials=[_place(schemes[name]) for requirement in security for name in requirement],
            scopes=required_scopes(operation),
            codes=list(operation.get("x-error-codes", {}).items()),
            parameters=[
                schemas.parameter(schemas.followed(p)) for p in operation.get("parameters", ())
            ],
            bodies=_bodies(schemas, schemas.followed(operation.get("requestBody", {}))),
            responses=[
                _response(
                    schemas,
                    str(status),
                    schemas.followed(response),
                    {code: document.codes[code] for code in codes[str(status)]},
                )
                for status, response in operation["responses"].items()
            ],
            sample=sample,
            curl=curl_line(sample),
        )


def _response(
    schemas: Schemas, status: str, response: Mapping[str, Any], codes: Mapping[str, ErrorCode]
) -> ResponseOutline:
    headers = response.get("headers", {})
    return ResponseOutline(
        status=status,
        title=_title(status),
        description=markdown.line(response.get("description", "")),
        codes=codes,
        headers=[
            (name, markdown.line(schemas.followed(header).get("description", "")))
            for name, header in headers.items()
        ],
        bodies=_bodies(schemas, response),
    )


def _title(status: str) -> str:
    """HTTP's own word for a status; a range and the default have none."""
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return ""


def _bodies(schemas: Schemas, node: Mapping[str, Any]) -> list[BodyOutline]:
    return [
        BodyOutline(
            media_type,
            list(islice(schemas.rows(media.get("schema", {})), _MAX_ROWS)),
            list(_examples(schemas, media)),
        )
        for media_type, media in node.get("content", {}).items()
    ]


def _examples(schemas: Schemas, media: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "example" in media:
        yield "", text(media["example"], indent=2)
    for name, node in media.get("examples", {}).items():
        example = schemas.followed(node)
        yield example.get("summary", name), text(example["value"], indent=2)
    schema = schemas.followed(media.get("schema", {}))
    if not {"example", "examples"} & media.keys() and "example" in schema:
        yield "", text(schema["example"], indent=2)
