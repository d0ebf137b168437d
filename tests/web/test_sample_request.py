"""A sample has what an operation requires, and the first credential."""

from __future__ import annotations

from pathlib import Path

from tallystick.contract.document import read_documents
from tallystick.contract.reader.contracts import read_contracts
from tallystick.web.outline import outline

SAMPLES = {o.id: o.sample for d in read_documents() for o in outline(d).operations}


def test_a_sample_has_what_is_required_and_nothing_else() -> None:
    sample = SAMPLES["listStoredEvents"]
    assert (sample.method, sample.target, sample.body) == ("GET", "/gateway/v1/events", None)
    assert sample.headers == [("Authorization", "Bearer $GATEWAY_KEY")]


def test_a_call_of_the_gateway_in_another_document_takes_the_gateway_s_key() -> None:
    assert SAMPLES["listCrons"].headers == [("Authorization", "Bearer $GATEWAY_KEY")]
    assert SAMPLES["canStart"].headers == [("X-API-KEY", "$CHARON_KEY")]


def test_a_credential_has_the_word_that_the_contract_puts_before_it() -> None:
    assert ("Authorization", "Api-Token $KEYASTROM_KEY") in SAMPLES["ingestEvent"].headers


def test_a_body_comes_with_its_media_type() -> None:
    sample = SAMPLES["createEvent"]
    assert ("Content-Type", "application/json") in sample.headers
    assert sample.body is not None
    assert '"cl"' in sample.body


PARCELS = """
openapi: 3.1.0
info: {title: Parcels, version: '1'}
paths:
  /parcels/{id}:
    put:
      operationId: putParcel
      parameters: [{name: id, in: path, required: true, schema: {type: string, enum: [p1]}}]
      requestBody:
        content:
          application/json:
            schema: {type: object, required: [size], properties: {size: {enum: [7]}}}
      responses: {'204': {description: Done.}}
    post:
      operationId: weighParcel
      parameters: [{name: id, in: path, required: true, schema: {type: string, enum: [p1]}}]
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, required: [kg], properties: {kg: {enum: [7]}}}
      responses: {'204': {description: Done.}}
"""


def test_a_value_without_an_example_is_made_of_its_schema(tmp_path: Path) -> None:
    file = tmp_path / "parcels.yaml"
    file.write_text(PARCELS)
    [contract] = read_contracts([str(file)])
    assert contract.document
    operation, of_form = outline(contract.document).operations
    assert (operation.sample.target, operation.sample.body) == ("/parcels/p1", '{"size": 7}')
    assert of_form.sample.body == "kg=7"
    assert operation.summary == "putParcel", "the list names it by its operationId"
