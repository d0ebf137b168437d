"""A DELETE of a collection deletes what its query asks for, and what belongs to that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contract_runtime import ContractCaller, mocking
from generic.books import books
from tallystick.apis.generic import resource_store

pytestmark = pytest.mark.anyio

CLEAR = """  /books:
    delete:
      parameters:
        - {name: title, in: query, schema: {type: string}}
        - {name: q, in: query, schema: {type: string}}
        - {name: dryRun, in: query, schema: {type: string}}
        - {name: Idempotency-Key, in: header, schema: {type: string}}
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'204': {description: Gone.}}
"""
NOTES = """
  /books/{id}/notes:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200':
          description: Them.
          content: {application/json: {schema: {type: array, items: {type: object}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: It.}}
  /books/{id}/notes/{noteId}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: noteId, in: path, required: true, schema: {type: string}}
    get: {responses: {'200': {description: It.}}}
"""


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ContractCaller]:
    monkeypatch.setattr(resource_store, "SLICE", 2)
    contract = books("cursor", "more: {type: boolean}").replace("  /books:\n", CLEAR)
    async with mocking(tmp_path, contract + NOTES) as caller:
        for title in "abaac":
            made = await caller.call("POST", "/books", {"title": title})
            await caller.call("POST", f"/books/{made.body['id']}/notes", {"of": title})
        yield caller


async def books_of(caller: ContractCaller) -> list[Any]:
    found: list[Any] = (await caller.call("GET", "/books")).body["books"]
    return found


async def titles(caller: ContractCaller) -> str:
    return "".join(book["title"] for book in await books_of(caller))


@pytest.mark.parametrize(
    ("query", "left"), [("", ""), ("?title=a", "bc"), ("?q=C", "abaa"), ("?title=", "abaac")]
)
async def test_the_items_of_the_query_are_gone(shop: ContractCaller, query: str, left: str) -> None:
    assert (await shop.call("DELETE", f"/books{query}")).status == 204
    assert await titles(shop) == left


async def test_what_belongs_to_a_deleted_item_is_gone_with_it(shop: ContractCaller) -> None:
    ids = {book["id"]: book["title"] for book in await books_of(shop)}
    await shop.call("DELETE", "/books?title=a")
    for id_, title in ids.items():
        notes = (await shop.call("GET", f"/books/{id_}/notes")).body
        assert len(notes) == (0 if title == "a" else 1)


@pytest.mark.parametrize(
    ("query", "body"), [("?dryRun=All", None), ("?q=is:open", None), ("", {"ids": []})]
)
async def test_a_call_that_says_something_else_deletes_nothing(
    shop: ContractCaller, query: str, body: Any
) -> None:
    assert (await shop.call("DELETE", f"/books{query}", body)).status == 204
    assert await titles(shop) == "abaac"


async def test_a_call_with_a_key_is_done_once(shop: ContractCaller) -> None:
    await shop.call("DELETE", "/books", headers={"idempotency-key": "k"})
    assert await titles(shop) == ""
    await shop.call("POST", "/books", {"title": "new"})
    said = await shop.call("DELETE", "/books", headers={"idempotency-key": "k"})
    assert (said.status, await titles(shop)) == (204, "new")
