"""Contracts whose calls have a key of their own, by which they are known again."""

from __future__ import annotations

_TICKETS = r"""
openapi: 3.0.3
info: {title: Tickets, version: '1'}
security: SECURITY
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  parameters:
    Key: {name: Idempotency-Key, in: header, schema: {type: string}}
  responses:
    Error:
      description: Refused.
      content:
        application/json:
          schema:
            type: object
            required: [code, message]
            properties: {code: {type: string}, message: {type: string}}
  schemas:
    Ticket:
      type: object
      required: [title]
      properties: {id: {ID, readOnly: true}, title: {type: string}}
paths:
  /tickets:
    get:
      responses:
        '200':
          description: All.
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Ticket'}}
    post:
      parameters: [{$ref: '#/components/parameters/Key'}]
      requestBody: &ticket
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Ticket'}}}
      responses:
        '201': &it
          description: It.
          headers: {Location: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Ticket'}}}
        REFUSED
  /tickets/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {$ref: '#/components/parameters/Key'}
    get: {responses: {'200': *it, '404': {description: There is none.}}}
    patch:
      requestBody: *ticket
      responses: {'200': *it, '404': {description: There is none.}}
    delete: {responses: {'204': {description: Gone.}, '404': {description: There is none.}}}
  /reminders:
    post:
      parameters: [{$ref: '#/components/parameters/Key'}]
      requestBody: *ticket
      responses: {'202': {description: It will be sent.}}
"""

BEARER = "[{bearer: []}]"
TEXT_ID, COUNTED_ID = "type: string", "type: integer"
DRAWN_ID = "type: string, pattern: '^[a-z]{8}$'"


def tickets(refused: str = "", security: str = BEARER, id_: str = TEXT_ID) -> str:
    """Return the contract, with an answer for what is refused, and rules of an id."""
    text = _TICKETS.replace("SECURITY", security).replace("ID,", f"{id_},")
    return text.replace("REFUSED", refused)


def refused(status: str) -> str:
    """Return an answer with a status that has the contract's own shape."""
    return f"'{status}': {{$ref: '#/components/responses/Error'}}"
