"""An item tells its own address, where its contract has members for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_runtime import mocking
from tallystick.apis.generic.address_places import address_places
from tallystick.contract.schema_shape import SchemaShape

URI: dict[str, Any] = {"type": "string", "format": "uri", "example": "https://other.example/7"}
OWN = {**URI, "readOnly": True}
LINK = {"type": "object", "properties": {"href": URI}}


@pytest.mark.parametrize(
    ("name", "schema", "places"),
    [
        ("url", OWN, [("url",)]),
        ("selfLink", URI, [("selfLink",)]),
        ("homepage", OWN, []),
        ("url", {"type": "string", "readOnly": True}, []),
        ("site", URI, []),
        (
            "meta",
            {"type": "object", "readOnly": True, "properties": {"location": URI, "next": URI}},
            [("meta", "location")],
        ),
        ("_links", {"type": "object", "properties": {"self": LINK}}, [("_links", "self", "href")]),
    ],
)
def test_a_server_tells_an_address_in_members_of_its_own(
    name: str, schema: dict[str, Any], places: list[Any]
) -> None:
    item = SchemaShape({"type": "object", "required": [name], "properties": {name: schema}}, {})
    assert [*address_places(item, ())] == places


def test_a_member_that_callers_send_is_theirs() -> None:
    item = SchemaShape({"required": ["url"], "properties": {"url": URI}}, {})
    assert [*address_places(item, {"url"})] == []
    free = SchemaShape({"properties": {"url": URI}}, {})
    assert [*address_places(free, ())] == []


CONTRACT = """
openapi: 3.1.0
info: {title: Books, version: '1'}
components:
  schemas:
    Book:
      type: object
      required: [id, url, site]
      properties:
        id: {type: string}
        url: {type: string, format: uri, example: 'https://other.example/7'}
        site: {type: string, format: uri, example: 'https://other.example/8'}
        meta:
          type: object
          readOnly: true
          properties: {location: {type: string, format: uri}}
paths:
  /books:
    post:
      requestBody:
        content:
          application/json: {schema: {type: object, properties: {id: {type: string}}}}
      responses: &answers
        '201': &book
          description: It.
          headers: {Location: {schema: {type: string, format: uri}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
  /books/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *book}}
    put:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: *answers
    patch:
      requestBody: {content: {application/merge-patch+json: {schema: {type: object}}}}
      responses: {'200': *book}
"""


@pytest.mark.anyio
async def test_an_item_is_found_at_the_address_that_it_tells(tmp_path: Path) -> None:
    host = {"host": "shop.example"}
    async with mocking(tmp_path, CONTRACT) as caller:
        for method, target, body in [
            ("POST", "/books", {}),
            ("POST", "/books", {"id": "a b"}),
            ("PUT", "/books/c", {}),
            ("PUT", "/books/c", {}),
        ]:
            said = await caller.call(method, target, body, headers=host)
            made = said.body
            assert made["url"] == made["meta"]["location"]
            assert made["site"] == "https://other.example/8"
            assert said.headers.get("location") in (made["url"], None)
            path = made["url"].removeprefix("http://shop.example")
            assert (await caller.call("GET", path.replace("%20", " "), headers=host)).body == made
        site = {"site": "https://mine.example"}
        merging = "application/merge-patch+json"
        changed = await caller.call("PATCH", "/books/c", site, headers=host, media_type=merging)
        assert changed.body["url"] == changed.body["meta"]["location"] == made["url"]
        unknown = (await caller.call("POST", "/books", {})).body
        assert unknown["url"] == "https://other.example/7"
