"""A small contract served in this process, for tests that need no real API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tallystick.apis.gateway.error_format import render
from tallystick.contract.binding import bind
from tallystick.contract.compiled import ApiBinding, Plan
from tallystick.contract.declared_responses import DeclaredResponses
from tallystick.contract.document import join_documents, read_document
from tallystick.contract.exceptions import Problem
from tallystick.contract.intercepted import InterceptedCall
from tallystick.contract.operation import Operation
from tallystick.mock.settings import ALWAYS, MockSettings

DOCUMENT = read_document(
    "parcels",
    b"""
openapi: 3.0.3
info: {title: Parcels, version: '1'}
x-codes:
  P001: {status: 400, message: 'The parcel is too heavy: {reason}.'}
  P002: {status: 400, message: The name is missing.}
  P003: {status: 503, message: Come again later.}
components:
  securitySchemes:
    parcelKey: {type: apiKey, in: header, name: X-Parcel-Key}
  schemas:
    Error:
      type: object
      required: [code]
      properties: {code: {type: string}, text: {type: string}}
  headers:
    RetryAfter: {required: true, schema: {type: integer, example: 7}}
  examples:
    Busy: {value: {code: P003, text: Come again later.}}
  responses:
    Away:
      description: Not now.
      headers:
        Retry-After: {$ref: '#/components/headers/RetryAfter'}
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Error'}
          examples: {busy: {$ref: '#/components/examples/Busy'}}
      x-codes: [P003]
paths:
  /parcels/{number}:
    post:
      operationId: sendParcel
      parameters:
        - {name: number, in: path, required: true, schema: {type: integer}}
        - {name: X-Stops, in: header, schema: {type: array, items: {type: integer}}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, x-error-codes: {required: P002}}
                kilos: {type: integer, maximum: 30, x-error-codes: {maximum: P001}}
      responses:
        '200':
          description: Sent.
          headers:
            X-Route: {schema: {type: string, enum: [air, sea]}}
          content: {application/json: {schema: {type: object}, example: {sent: true}}}
        '400':
          description: Refused.
          content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
        '503': {$ref: '#/components/responses/Away'}
  /parcels:
    get:
      operationId: listParcels
      responses:
        '204': {description: There is none.}
""",
)


def send_parcel(number: int, body: Any) -> tuple[dict[str, Any], int]:
    """Handle `sendParcel`."""
    return {"number": number, **body}, 201


def list_parcels() -> None:
    """Handle `listParcels`."""


def plan(handler: Callable[..., Any] = send_parcel, body_limit: int = 1_000) -> Plan:
    """Return the compiled contract with that handler of `sendParcel`."""
    handlers = {"sendParcel": handler, "listParcels": list_parcels}
    binding = ApiBinding(DOCUMENT, None, render, DOCUMENT.codes)
    return Plan(
        specification(), [binding], handlers, lambda problem, _: render(problem, {}), body_limit
    )


def operation(id_: str = "sendParcel", handler: Callable[..., Any] = send_parcel) -> Operation:
    """Return an operation of the contract."""
    return next(each for each in plan(handler).operations if each.id == id_)


def specification() -> dict[str, Any]:
    """Return the contract in the form for a service."""
    return bind(join_documents([DOCUMENT]), {})


def declared() -> DeclaredResponses:
    """Return the declared responses of the contract."""
    return DeclaredResponses(specification())


def call(
    body: bytes = b'{"name": "a"}',
    *,
    path: str = "/parcels/7",
    query: bytes = b"",
    headers: Sequence[tuple[bytes, bytes]] = ((b"content-type", b"application/json"),),
    handler: Callable[..., Any] = send_parcel,
) -> InterceptedCall:
    """Return a complete call of the contract, before any work on it."""
    found = plan(handler)
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode()}
    scope |= {"query_string": query, "headers": list(headers)}
    try:
        made = InterceptedCall(found, scope, *found.route("POST", path.encode()))
    except Problem as problem:
        made = InterceptedCall(found, scope, None, ())
        made.problem = problem
    made.body = body
    return made


def mock_settings(**more: Any) -> MockSettings:
    """Return a mock's settings with the given changes."""
    options: dict[str, Any] = {**ALWAYS, **more}
    return MockSettings(**options)
