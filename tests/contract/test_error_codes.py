"""An error code belongs to an answer of an operation, or the contract is not served."""

from __future__ import annotations

import pytest

from tallystick.contract.document import ContractError, Document, join_documents, read_document
from tallystick.contract.error_codes import coded_keywords, find_answer, value

DOCUMENT = """
openapi: 3.0.3
info: {title: Parcels, version: '1'}
x-codes:
  W000: {status: 400, message: is missing}
  W001: {status: 400, message: is too long}
  W002: {status: 400, message: is no text}
  W003: {status: 400, message: is given twice}
  W004: {status: 400, message: has no item}
  N404: {status: 404, message: is not there}
  '405': {status: 405, message: is no method}
x-http-responses:
  '405': {description: There is no such method., x-codes: ['405']}
paths:
  /parcels/{id}:
    put:
      operationId: sendParcel
      x-error-codes: {duplicate: W003}
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, x-error-codes: {type: N404}}}
        - {name: note, in: query, schema: {$ref: '#/components/schemas/Note'}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                note: {$ref: '#/components/schemas/Note'}
                lines: {type: array, items: {type: string, x-error-codes: {minLength: W004}}}
      responses:
        '200': {description: It is sent.}
        '400': {description: A rule is broken., x-codes: []}
        '404': {$ref: '#/components/responses/Missing'}
    get:
      operationId: showParcel
      parameters:
        - {name: note, in: query, schema: {$ref: '#/components/schemas/Note'}}
      responses:
        '200': {description: It is here.}
        '400': {description: A rule is broken.}
        '404': {$ref: '#/components/responses/Missing'}
components:
  schemas:
    Note: {type: string, maxLength: 9, x-error-codes: {required: W000, type: W002, maxLength: W001}}
  responses:
    Missing: {description: It is not there., x-codes: [N404]}
"""


def document(find: str = "", put: str = "") -> Document:
    assert find in DOCUMENT
    return read_document("parcels", DOCUMENT.replace(find, put, 1).encode())


def test_an_answer_carries_what_it_lists_and_what_keywords_name() -> None:
    read = document()

    assert read.answer_codes(read.operation("sendParcel")) == {
        "200": [],
        "400": ["W000", "W001", "W002", "W003", "W004"],
        "404": ["N404"],
    }


def test_a_query_is_text_and_an_optional_parameter_is_not_missing() -> None:
    read = document()

    assert read.answer_codes(read.operation("showParcel"))["400"] == ["W001"]


@pytest.mark.parametrize(
    ("find", "put", "reason"),
    [
        ("x-codes: [N404]", "x-codes: [N405]", "GET /parcels/{id}, 404: N405 is not in x-codes"),
        ("x-codes: []", "x-codes: [N404]", "PUT /parcels/{id}, 400: N404 goes with 404"),
        (
            "{minLength: W004}",
            "{minLength: W005}",
            "body lines.* minLength: W005 is not in x-codes",
        ),
        ("{duplicate: W003}", "{duplicate: '405'}", "request duplicate: 405 goes with 405"),
        ("{minLength: W004}", "{}", "x-codes: no answer lists W004"),
        (", x-codes: ['405']}", "}", "x-codes: no answer lists 405"),
        ("x-codes: ['405']", "x-codes: [N404]", "x-http-responses, 405: N404 goes with 404"),
    ],
)
def test_a_code_that_stands_in_no_answer_is_refused_at_start(
    find: str, put: str, reason: str
) -> None:
    with pytest.raises(ContractError) as refused:
        join_documents([document(find, put)])

    assert str(refused.value).startswith("parcels.yaml, ")
    assert reason in str(refused.value)


def test_an_operation_of_another_api_s_errors_has_that_api_s_codes() -> None:
    other = read_document(
        "letters",
        b"""
openapi: 3.0.3
info: {title: Letters, version: '1'}
paths:
  /letters:
    get:
      operationId: listLetters
      x-errors: parcels
      responses: {'404': {description: There are none., x-codes: [N404]}}
""",
    )

    join_documents([document(), other])
    with pytest.raises(ContractError, match=r"letters\.yaml, GET /letters, 404: N404 is not"):
        join_documents([other])


FOREIGN = """
openapi: 3.1.0
info: {title: Parcels, version: '1'}
x-codes:
  W001: {status: 400, message: is too heavy}
  W002: {status: 400, message: is none of the forms}
  W003: {status: 400, message: has no label}
  E409: {status: 409, message: is there}
paths:
  /parcels:
    post:
      operationId: sendParcel
      requestBody:
        content:
          application/json:
            schema:
              properties:
                any: true
                size: {$ref: '#/components/schemas/Size', x-error-codes: {required: W003}}
              patternProperties: {'^w': {maximum: 9, x-error-codes: {maximum: W001}}}
      responses:
        '422': {description: A rule is broken.}
        4XX: {description: Something else is wrong., x-codes: [E409]}
components:
  schemas:
    Size: {oneOf: [{type: string}, {type: integer}], x-error-codes: {oneOf: W002}}
"""


def test_a_rule_is_found_wherever_a_schema_of_3_1_holds_it() -> None:
    read = read_document("parcels", FOREIGN.encode())
    operation = read.operation("sendParcel")

    assert [*coded_keywords(operation, read.content)] == [
        ("body", ("size",), "required", "W003"),
        ("body", ("size",), "oneOf", "W002"),
        ("body", ("*",), "maximum", "W001"),
    ]


def test_a_code_stands_in_the_answer_that_its_status_has() -> None:
    read = read_document("parcels", FOREIGN.encode())

    assert read.answer_codes(read.operation("sendParcel")) == {
        "422": ["W001", "W002", "W003"],
        "4XX": ["E409"],
    }


@pytest.mark.parametrize(
    ("status", "declared", "found"),
    [
        (400, ["400", "422"], "400"),
        (400, ["422", "4XX"], "422"),
        (422, ["400", "default"], "400"),
        (404, ["4XX", "default"], "4XX"),
        (404, ["5XX", "default"], "default"),
        (404, ["200", "5XX"], None),
    ],
)
def test_the_nearest_answer_to_a_status_is_taken(
    status: int, declared: list[str], found: str | None
) -> None:
    assert find_answer(status, declared) == found


@pytest.mark.parametrize(
    ("code", "shown"),
    [("401-missing", "401"), ("404", "404"), ("card-declined", "card-declined"), ("E-1", "E-1")],
)
def test_a_number_s_second_text_is_shown_as_the_number(code: str, shown: str) -> None:
    assert value(code) == shown
