"""Actions on an item are of the item, and a new one may get its id by the query."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from contract_runtime import ContractCaller, mocking

pytestmark = pytest.mark.anyio

BOOKS = """
openapi: 3.0.3
info: {title: Books, version: v1}
components:
  schemas:
    Book:
      type: object
      required: [name, created]
      properties:
        name: {type: string, readOnly: true}
        title: {type: string}
        state: {type: string}
        created: {type: integer, format: unix-time, readOnly: true}
paths:
  /books:
    post:
      parameters: [{name: bookId, in: query, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
      responses:
        '200': &book
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
        '409': &no {description: No.}
  /books/{book}:
    parameters: &id [{name: book, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *book, '404': *no}}
  /books/{book}:lend:
    parameters: *id
    post:
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      responses: {'200': *book, '404': *no}
  /books/{book}/return:
    parameters: *id
    post: {responses: {'200': *book, '404': *no}}
  /books/{book}/star:
    parameters: *id
    put: {responses: {'200': *book, '404': *no}}
    delete: {responses: {'200': *book, '404': *no}}
  /books/{book}/lose:
    parameters: *id
    post:
      responses:
        '200':
          description: It.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Book'}
              example: {name: any, state: lost, created: 1}
        '404': *no
  /books/{book}/rate:
    parameters: *id
    post:
      responses:
        '200':
          description: Points.
          content:
            application/json: {schema: {type: object, properties: {points: {type: integer}}}}
"""

SHELVES = """
openapi: 3.0.3
info: {title: Shelves, version: v1}
components:
  schemas:
    Named: {type: object, required: [id], properties: {id: {type: string, readOnly: true}}}
    NewShelf: {type: object, properties: {title: {type: string}}}
    Shelf: {allOf: [$ref: '#/components/schemas/Named', $ref: '#/components/schemas/NewShelf']}
    Label: {allOf: [$ref: '#/components/schemas/Named'], properties: {text: {type: string}}}
paths:
  /shelves/{shelf}/boards:
    parameters: &id [{name: shelf, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200':
          description: All.
          content:
            application/json:
              schema: {type: array, items: &shelf {$ref: '#/components/schemas/Shelf'}}
    post:
      requestBody: &new
        content: {application/json: {schema: {$ref: '#/components/schemas/NewShelf'}}}
      responses: {'200': &shown {description: It., content: {application/json: {schema: *shelf}}}}
  /shelves/{shelf}/boards/{board}:
    parameters:
      - {name: shelf, in: path, required: true, schema: {type: string}}
      - {name: board, in: path, required: true, schema: {type: string}}
    get: {responses: {'200': *shown}}
  /shelves:
    post: {requestBody: *new, responses: {'200': *shown}}
  /shelves/{shelf}:
    parameters: *id
    get: {responses: {'200': *shown}}
  /shelves/{shelf}/extend:
    parameters: *id
    post: {requestBody: *new, responses: {'201': *shown}}
  /shelves/{shelf}/copy:
    parameters: *id
    post:
      requestBody: {content: {application/json: {schema: *shelf}}}
      responses: {'200': *shown}
  /shelves/{shelf}/label:
    parameters: *id
    post:
      responses:
        '200':
          description: Another.
          content: {application/json: {schema: {$ref: '#/components/schemas/Label'}}}
"""


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[ContractCaller]:
    async with mocking(tmp_path, BOOKS) as caller:
        yield caller


async def make(shop: ContractCaller, query: str = "?bookId=b1") -> Any:
    return (await shop.call("POST", f"/books{query}", {"title": "A"})).body


async def test_a_new_item_gets_its_id_by_the_query(shop: ContractCaller) -> None:
    made = await make(shop)
    assert (made["name"], made["title"]) == ("b1", "A")
    assert (await shop.call("GET", "/books/b1")).body == made
    assert (await shop.call("POST", "/books?bookId=b1", {})).status == 409
    assert (await make(shop, ""))["name"] != "b1"
    assert (await shop.call("POST", "/books?bookId=" + "x" * 300, {})).status == 400


async def test_a_time_in_seconds_is_that_of_the_clock(shop: ContractCaller) -> None:
    made = await make(shop)
    [event] = await shop.events()
    assert abs(datetime.fromisoformat(event["time"]).timestamp() - made["created"]) <= 1


@pytest.mark.parametrize("action", [":lend", "/return"])
async def test_an_action_answers_with_the_item(shop: ContractCaller, action: str) -> None:
    made = await make(shop)
    assert (await shop.call("POST", f"/books/b1{action}")).body == made
    assert (await shop.call("POST", f"/books/b2{action}")).status == 404
    assert [each["subject"] for each in await shop.events()] == ["b1", "b1"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_an_action_may_have_another_method(shop: ContractCaller, method: str) -> None:
    made = await make(shop)
    assert (await shop.call(method, "/books/b1/star")).body == made
    assert (await shop.call("GET", "/books/b1")).body == made
    assert (await shop.call(method, "/books/b2/star")).status == 404


async def test_an_action_is_done_once_with_its_key(shop: ContractCaller) -> None:
    await make(shop)
    for _ in range(2):
        await shop.call("POST", "/books/b1:lend", headers={"idempotency-key": "k"})
    assert len(await shop.events()) == 2


async def test_an_action_with_an_example_answers_by_it(shop: ContractCaller) -> None:
    await make(shop)
    lost = await shop.call("POST", "/books/b1/lose")
    assert lost.body == {"name": "any", "state": "lost", "created": 1}
    assert (await shop.call("POST", "/books/b2/lose")).status == 404


async def test_what_answers_with_something_else_is_no_action_on_the_item(
    shop: ContractCaller,
) -> None:
    assert (await shop.call("POST", "/books/none/rate")).body.keys() <= {"points"}


@pytest.fixture
async def shelves(tmp_path: Path) -> AsyncIterator[tuple[ContractCaller, str]]:
    async with mocking(tmp_path, SHELVES) as caller:
        made = await caller.call("POST", "/shelves", {"title": "A"})
        yield caller, made.body["id"]


@pytest.mark.parametrize("name", ["extend", "copy", "label"])
async def test_what_makes_another_one_is_no_action_on_the_item(
    shelves: tuple[ContractCaller, str], name: str
) -> None:
    caller, id_ = shelves
    assert (await caller.call("POST", f"/shelves/{id_}/{name}", {})).body["id"] != id_


async def test_an_item_of_a_collection_below_another_is_made(
    shelves: tuple[ContractCaller, str],
) -> None:
    caller, id_ = shelves
    board = (await caller.call("POST", f"/shelves/{id_}/boards", {"title": "B"})).body
    assert board["title"] == "B"
    assert (await caller.call("GET", f"/shelves/{id_}/boards")).body == [board]
