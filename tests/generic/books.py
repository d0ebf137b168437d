"""A contract whose list is in pages by a cursor, and whose ids the server makes."""

from __future__ import annotations

_BOOKS = """
openapi: 3.1.0
info: {title: Books, version: '1'}
components:
  schemas:
    Book:
      type: object
      required: [id, title]
      properties:
        id: {type: string, readOnly: true, pattern: '^[ab]$'}
        title: {type: string}
paths:
  /books:
    get:
      operationId: listBooks
      parameters:
        - {name: CURSOR, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1}}
        - {name: title, in: query, schema: {type: string}}
      responses:
        '200':
          description: A page.
          content:
            application/json:
              schema:
                type: object
                required: [books]
                properties:
                  books: {type: array, items: {$ref: '#/components/schemas/Book'}}
                  MEMBERS
    post:
      operationId: createBook
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
      responses:
        '201':
          description: Created.
          content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
        TAKEN
  /books/{id}:
    get:
      operationId: getBook
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
    delete:
      operationId: deleteBook
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: Gone.}}
"""


def books(cursor: str, members: str, taken: str = "") -> str:
    """Return the contract with a parameter for the cursor, and members beside the list.

    With an answer for a taken id, there are two ids alone.
    """
    text = _BOOKS.replace("CURSOR", cursor).replace("MEMBERS", members).replace("TAKEN", taken)
    return text if taken else text.replace("pattern: '^[ab]$'", "minLength: 1")
