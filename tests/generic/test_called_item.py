"""What is wrong with an item is told by its place in the request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from contract_runtime import ContractCaller, Said, mocking

pytestmark = pytest.mark.anyio

BOOKS = """
openapi: 3.1.0
info: {title: Books, version: v1}
components:
  schemas:
    Book:
      type: object
      properties: &members
        id: {type: string}
        title: {type: string}
    Changed: {type: object, properties: {title: {}}}
paths:
  /shops/{shop}/books:
    parameters: &shop [{name: shop, in: path, required: true, schema: {type: string}}]
    post:
      parameters: [{name: bookId, in: query, schema: {type: string}}]
      requestBody: &sent
        content:
          application/json:
            schema: {type: object, properties: {data: {$ref: '#/components/schemas/Book'}}}
      responses:
        '201': &shown
          description: It.
          content:
            application/json:
              schema: {type: object, properties: {data: {$ref: '#/components/schemas/Book'}}}
    put: {requestBody: *sent, responses: {'200': *shown}}
  /shops/{shop}/books/{book}:
    parameters:
      - {name: shop, in: path, required: true, schema: {type: string}}
      - {name: book, in: path, required: true, schema: {type: string}}
    get: {responses: {'200': *shown}}
    patch:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {data: {$ref: '#/components/schemas/Changed'}}}
          application/json-patch+json: {schema: {type: array}}
      responses: {'200': *shown}
  /notes:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: *members}}}}
      responses:
        '201': &note
          description: It.
          content:
            application/json:
              schema:
                type: object
                properties:
                  data:
                    type: object
                    properties:
                      id: {type: string}
                      attributes: {type: object, properties: *members}
  /notes/{note}:
    parameters: [{name: note, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *note}}
    patch:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {title: {}, id: {}}}
      responses: {'200': *note}
"""

LONG = "x" * 300
LONG_SHOP = quote("🙂") * 100
BOOKS_OF_A = "/shops/a/books"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[ContractCaller]:
    async with mocking(tmp_path, BOOKS) as caller:
        yield caller


def place(said: Said) -> tuple[str, str]:
    assert said.status == 400
    [violation] = said.body["violations"]
    return violation["where"], violation["name"]


@pytest.mark.parametrize(
    ("method", "target", "body", "expected"),
    [
        ("POST", f"{BOOKS_OF_A}?bookId={LONG}", {"data": {"id": "b"}}, ("query", "bookId")),
        ("POST", BOOKS_OF_A, {"data": {"id": LONG}}, ("body", "data.id")),
        ("POST", f"/shops/{LONG_SHOP}/books", {"data": {"id": "🙂" * 255}}, ("body", "data.id")),
        ("POST", BOOKS_OF_A, {"id": LONG}, ("body", "id")),
        ("PUT", BOOKS_OF_A, {"data": {"title": "A"}}, ("body", "data.id")),
    ],
)
async def test_a_bad_id_is_told_by_its_parameter_or_its_place_in_the_body(
    shop: ContractCaller, method: str, target: str, body: Any, expected: tuple[str, str]
) -> None:
    assert place(await shop.call(method, target, body)) == expected


async def test_what_a_patch_breaks_is_told_by_its_place_in_the_body(shop: ContractCaller) -> None:
    await shop.call("POST", BOOKS_OF_A, {"data": {"id": "b", "title": "A"}})
    for body, name in (({"data": {"title": 5}}, "data.title"), ({"title": 5}, "title")):
        said = await shop.call("PATCH", f"{BOOKS_OF_A}/b", body)
        assert place(said) == ("body", name)
    steps = [{"op": "replace", "path": "/title", "value": 5}]
    said = await shop.call(
        "PATCH", f"{BOOKS_OF_A}/b", steps, media_type="application/json-patch+json"
    )
    assert place(said) == ("body", "title")


async def test_what_breaks_a_part_of_an_item_is_told_by_the_part(shop: ContractCaller) -> None:
    made = (await shop.call("POST", "/notes", {"title": "A"})).body["data"]
    assert made["attributes"] == {"title": "A"}
    said = await shop.call("PATCH", f"/notes/{made['id']}", {"title": 5})
    assert place(said) == ("body", "title")
