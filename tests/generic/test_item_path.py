"""A path with the id in its last step is that of an item."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_runtime import mocking
from tallystick.apis.generic.item_path import read_item_path


@pytest.mark.parametrize(
    ("path", "collection", "parent"),
    [
        ("/books/{id}", "/books", None),
        ("/shops/{shop}/books/{id}", "/shops/{shop}/books", "/shops"),
        ("/shops/{shop}/books/{id}.json", "/shops/{shop}/books.json", "/shops.json"),
        ("/Books({id})", "/Books", None),
        ("/shops/{shop}/books/{id}/", "/shops/{shop}/books/", "/shops/"),
        ("/Shops({shop})/Books('{id}')", "/Shops({shop})/Books", "/Shops"),
        ("/{id}", None, None),
        ("/books/{id}/{part}", None, None),
        ("/books/{id}:cancel", None, None),
        ("/books/{id}-{part}", None, None),
        ("/Books('{id})", None, None),
    ],
)
def test_an_item_path_names_its_collection(
    path: str, collection: str | None, parent: str | None
) -> None:
    found = read_item_path(path)
    assert (found and found.collection) == collection
    assert (found and found.parent and found.parent.collection) == parent


CONTRACT = """
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /Shops{END}:
    get: &list
      responses:
        '200':
          description: All.
          content:
            application/json:
              schema:
                type: object
                properties: {value: {type: array, items: {$ref: '#/components/schemas/Item'}}}
    post: &create
      requestBody:
        content:
          application/json: {schema: {type: object, properties: {Title: {type: string}}}}
      responses:
        '201': &item
          description: It.
          headers: {Location: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}
  /Shops{OPEN}{shop}{CLOSE}:
    parameters: [&shop {name: shop, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *item, '404': {description: None.}}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
      responses: {'200': *item, '201': *item}
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {Title: {type: string}}}}}
      responses: {'200': *item}
    delete: {responses: {'204': {description: Gone.}}}
  /Shops{OPEN}{shop}{INNER}/Books{END}:
    parameters: [*shop]
    get: *list
    post: *create
  /Shops{OPEN}{shop}{INNER}/Books{OPEN}{id}{CLOSE}:
    parameters: [*shop, {name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *item, '404': {description: None.}}}
components:
  schemas:
    Item: {type: object, properties: {id: {type: string}, title: {type: string}}}
"""


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("opening", "inner", "closing", "ending"),
    [
        ("/", "", "", ""),
        ("/", "", ".json", ".json"),
        ("/", "", "/", "/"),
        ("/", "", "", "/"),
        ("(", ")", ")", ""),
        ("('", "')", "')", ""),
    ],
)
async def test_items_are_kept_whatever_their_paths_look_like(
    tmp_path: Path, opening: str, inner: str, closing: str, ending: str
) -> None:
    words = {"{OPEN}": opening, "{INNER}": inner, "{CLOSE}": closing, "{END}": ending}
    contract = CONTRACT
    for word, text in words.items():
        contract = contract.replace(word, text)
    async with mocking(tmp_path, contract) as caller:
        made = await caller.call("POST", f"/Shops{ending}", {"Title": "one"})
        shop = made.headers["location"]
        assert shop == f"/Shops{opening}{made.body['id']}{closing}"
        assert (await caller.call("GET", shop)).body == {"id": made.body["id"], "title": "one"}
        assert (await caller.call("POST", shop, {"Title": "two"})).body["title"] == "two"
        assert (await caller.call("GET", f"/Shops{ending}")).body["value"][0]["title"] == "two"
        put = await caller.call("PUT", f"/Shops{opening}mine{closing}", {"title": "three"})
        assert put.headers["location"] == f"/Shops{opening}mine{closing}"
        books = f"{shop.removesuffix(ending)}/Books"
        book = (await caller.call("POST", books + ending, {"Title": "four"})).headers["location"]
        assert book.startswith(f"{books}{opening}")
        assert (await caller.call("GET", book)).body["title"] == "four"
        await caller.call("DELETE", shop)
        assert (await caller.call("GET", book)).status == 404
        assert (await caller.call("GET", books + ending)).body == {"value": []}
