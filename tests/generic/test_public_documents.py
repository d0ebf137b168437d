"""Answers of any media type, base paths and ids of documents that others have written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract_runtime import ContractCaller, mocking

pytestmark = pytest.mark.anyio

CONTRACT = """
openapi: 3.0.3
info: {title: Shelves, version: '1'}
servers: [{url: https://api.example.com/v1}]
components:
  schemas:
    Shelf: {type: object, properties: {id: {type: string}, name: {type: string}}}
    Order:
      type: object
      properties:
        ref: {type: string}
        customer: {type: object, properties: {name: {type: string}, address: {type: string}}}
  parameters:
    Shelf: {name: shelf, in: path, required: true, schema: {type: string}}
paths:
  /shelves/{shelf}:
    parameters: [{$ref: '#/components/parameters/Shelf'}]
    get: &shelf
      responses:
        '200': &anything
          description: It.
          content: {'*/*': {schema: {$ref: '#/components/schemas/Shelf'}}}
        '404':
          description: Unknown.
          content:
            '*/*':
              schema: {type: object, properties: {error: {type: boolean}, message: {type: string}}}
              example: {error: true, message: Something}
    put:
      requestBody: &body
        content: {application/json: {schema: {$ref: '#/components/schemas/Shelf'}}}
      responses:
        '201':
          description: It.
          headers: {Location: {schema: {type: string}}}
          content: {'*/*': {schema: {$ref: '#/components/schemas/Shelf'}}}
        '200': *anything
    delete: {responses: {'204': {description: Gone.}}}
  /shelves/{shelf}/books:
    parameters: [{$ref: '#/components/parameters/Shelf'}]
    post: {requestBody: *body, responses: {'201': *anything}}
    get:
      responses:
        '200':
          description: All.
          content: {'*/*': {schema: {type: array, items: {$ref: '#/components/schemas/Shelf'}}}}
  /shelves/{shelf}/books/{book}:
    parameters:
      - {$ref: '#/components/parameters/Shelf'}
      - {name: book, in: path, required: true, schema: {type: string}}
    get: *shelf
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                customer: {type: object, properties: {name: {type: string}}}
      responses: &order
        '201':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
  /orders/{order}:
    parameters: [{name: order, in: path, required: true, schema: {type: string}}]
    get: {x-resource: {id: ref}, responses: *order}
  /report:
    get:
      responses:
        '200':
          description: It.
          content:
            application/json: {schema: {$ref: '#/components/schemas/Shelf'}}
            application/xml: {schema: {$ref: '#/components/schemas/Shelf'}}
"""


@pytest.fixture
async def shelves(tmp_path: Path) -> AsyncIterator[ContractCaller]:
    async with mocking(tmp_path, CONTRACT) as caller:
        yield caller


async def test_an_answer_of_any_media_type_shows_what_is_kept(shelves: ContractCaller) -> None:
    made = await shelves.call("PUT", "/v1/shelves/a", {"name": "stored"})
    assert (made.status, made.body) == (201, {"id": "a", "name": "stored"})
    assert made.headers["location"] == "/v1/shelves/a"
    found = await shelves.call("GET", "/v1/shelves/a")
    assert (found.body, found.headers["content-type"]) == (made.body, "application/json")
    listed = await shelves.call("POST", "/v1/shelves/a/books", {"name": "Emma"})
    assert (await shelves.call("GET", "/v1/shelves/a/books")).body == [listed.body]


async def test_a_delete_leaves_what_is_within_items_of_other_letters(
    shelves: ContractCaller,
) -> None:
    for shelf in "Aa":
        await shelves.call("PUT", f"/v1/shelves/{shelf}", {"name": "stored"})
        await shelves.call("POST", f"/v1/shelves/{shelf}/books", {"name": "Emma"})
    assert (await shelves.call("DELETE", "/v1/shelves/a")).status == 204
    assert len((await shelves.call("GET", "/v1/shelves/A/books")).body) == 1
    assert (await shelves.call("GET", "/v1/shelves/a/books")).body == []


async def test_a_flag_of_an_error_leaves_the_reason_in(shelves: ContractCaller) -> None:
    await shelves.call("PUT", "/v1/shelves/a", {"name": "stored"})
    await shelves.call("DELETE", "/v1/shelves/a")
    refused = await shelves.call("GET", "/v1/shelves/a")
    assert refused.status == 404
    assert refused.body["error"] is True
    assert refused.body["message"] != "Something"


async def test_an_id_that_the_contract_names_is_that_of_the_whole(shelves: ContractCaller) -> None:
    made = await shelves.call("POST", "/v1/orders", {"customer": {"name": "Ada"}})
    assert made.body["customer"]["name"] == "Ada"
    assert (await shelves.call("GET", f"/v1/orders/{made.body['ref']}")).body == made.body


async def test_a_value_is_written_as_json_where_no_text_is_declared(
    shelves: ContractCaller,
) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    told = await shelves.call("GET", "/v1/report", headers={"accept": browser})
    assert told.headers["content-type"] == "application/json"
    assert set(told.body) <= {"id", "name"}
