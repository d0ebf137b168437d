"""A contract of customers and their notes, with codes of its own."""

from __future__ import annotations

CRM = """
openapi: 3.1.0
info: {title: CRM, version: '1'}
servers: [{url: 'https://crm.example.com/v2'}]
x-codes:
  N001: {status: 400, message: The name is too long.}
  N002: {status: 400, message: The name is missing.}
  N409: {status: 409, message: The number is taken.}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
  parameters:
    customerId: {name: customerId, in: path, required: true, schema: {type: string}}
  responses:
    Refused:
      description: Refused.
      content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
  schemas:
    Error:
      type: object
      required: [code, message]
      properties:
        code: {type: string}
        message: {type: string}
        field: {type: string}
    Customer:
      type: object
      required: [id, name]
      properties:
        id: {type: string, format: uuid, readOnly: true}
        name:
          type: string
          maxLength: 10
          x-error-codes: {maxLength: N001, required: N002}
        city: {type: [string, 'null']}
        level: {type: string, enum: [basic, gold], default: basic}
        password: {type: string, writeOnly: true}
        created: {type: string, format: date-time, readOnly: true}
    Note:
      type: object
      required: [number, text]
      properties:
        number: {type: integer, readOnly: true}
        text: {type: string}
security: [{key: []}]
paths:
  /customers:
    get:
      operationId: listCustomers
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1}}
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
        - {name: city, in: query, schema: {type: string}}
        - {name: mood, in: query, schema: {type: string}}
      responses:
        '200':
          description: A page.
          content:
            application/json:
              schema:
                type: object
                required: [items, total]
                properties:
                  items: {type: array, items: {$ref: '#/components/schemas/Customer'}}
                  total: {type: integer}
                  hasMore: {type: boolean}
    post:
      operationId: createCustomer
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
      responses:
        '201':
          description: Created.
          headers: {Location: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
        '400': {$ref: '#/components/responses/Refused'}
  /customers/{customerId}:
    parameters: [{$ref: '#/components/parameters/customerId'}]
    get:
      operationId: getCustomer
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
        '404': {$ref: '#/components/responses/Refused'}
    put:
      operationId: replaceCustomer
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
        '404': {$ref: '#/components/responses/Refused'}
    patch:
      operationId: changeCustomer
      requestBody:
        required: true
        content:
          application/merge-patch+json: {schema: {type: object}}
          application/json-patch+json: {schema: {type: array, items: {type: object}}}
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
        '400': {$ref: '#/components/responses/Refused'}
        '404': {$ref: '#/components/responses/Refused'}
    delete:
      operationId: deleteCustomer
      responses:
        '204': {description: Gone.}
        '404': {$ref: '#/components/responses/Refused'}
  /customers/{customerId}/notes:
    parameters: [{$ref: '#/components/parameters/customerId'}]
    get:
      operationId: listNotes
      responses:
        '200':
          description: All.
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Note'}}
        '404': {$ref: '#/components/responses/Refused'}
    post:
      operationId: addNote
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
      responses:
        '201':
          description: Added.
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
        '404': {$ref: '#/components/responses/Refused'}
  /customers/{customerId}/notes/{number}:
    parameters:
      - {$ref: '#/components/parameters/customerId'}
      - {name: number, in: path, required: true, schema: {type: integer}}
    get:
      operationId: getNote
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
        '404': {$ref: '#/components/responses/Refused'}
  /weather:
    get:
      operationId: getWeather
      responses:
        '200':
          description: Now.
          content:
            application/json:
              schema: {type: object, properties: {degrees: {type: integer}}}
              example: {degrees: 21}
  /greetings:
    post:
      operationId: sendGreeting
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '202': {description: Accepted.}
"""
