"""The calls of a contract's resources keep any item and any id, and refuse the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract_runtime import ContractCaller, mocking

pytestmark = pytest.mark.anyio

FREE = """
openapi: 3.0.3
info: {title: Free, version: '1'}
components:
  schemas:
    Item:
      type: object
      properties:
        id: {type: string}
        photo: {type: string}
        secret: {type: string, writeOnly: true, maxLength: 9}
  responses:
    Item:
      description: It.
      headers: {Location: {schema: {type: string}}}
      content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}
paths:
  /items:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: string}}
        - {name: page, in: query, schema: {type: integer}}
      responses:
        '200':
          description: All.
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Item'}}
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'201': {$ref: '#/components/responses/Item'}}
  /items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {$ref: '#/components/responses/Item'}}}
    put:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'200': {$ref: '#/components/responses/Item'}}
    patch:
      requestBody:
        content:
          application/json: {schema: {}}
          multipart/form-data:
            schema: {type: object, properties: {photo: {type: string, format: binary}}}
      responses: {'200': {$ref: '#/components/responses/Item'}}
"""

FORM = (
    b"--x\r\ncontent-disposition: form-data; name=photo; filename=a.png\r\n\r\n"
    b"\x00\xff\r\n--x--\r\n"
)


@pytest.fixture
async def free(tmp_path: Path) -> AsyncIterator[ContractCaller]:
    async with mocking(tmp_path, FREE) as caller:
        yield caller


async def test_a_file_in_a_patch_is_kept_as_base64(free: ContractCaller) -> None:
    path = f"/items/{(await free.call('POST', '/items', {})).body['id']}"
    patched = await free.call("PATCH", path, FORM, media_type="multipart/form-data; boundary=x")
    assert (patched.status, patched.body["photo"]) == (200, "AP8=")


async def test_a_patch_checks_what_may_only_be_written_and_forgets_it(
    free: ContractCaller,
) -> None:
    path = f"/items/{(await free.call('POST', '/items', {})).body['id']}"
    patched = await free.call("PATCH", path, {"secret": "word", "a": 1})
    assert patched.body == {"id": path.rpartition("/")[2], "a": 1}
    assert (await free.call("PATCH", path, {"secret": "longer than that"})).status == 400


@pytest.mark.parametrize("levels", [250, 900])
async def test_a_body_that_is_nested_too_deep_is_refused_and_not_kept(
    free: ContractCaller, levels: int
) -> None:
    path = f"/items/{(await free.call('POST', '/items', {})).body['id']}"
    deep = b'{"a":' * levels + b"1" + b"}" * levels
    added = b'[{"op":"add","path":"/b","value":%b}]' % deep
    for method, body in (("POST", deep), ("PUT", deep), ("PATCH", deep), ("PATCH", added)):
        target = "/items" if method == "POST" else path
        refused = await free.call(method, target, body)
        assert refused.status == 400
        assert "is nested deeper than 200 levels" in refused.body["detail"]
    assert len((await free.call("GET", "/items")).body) == 1


async def test_any_text_and_number_of_json_is_kept_and_answered(free: ContractCaller) -> None:
    made = await free.call("POST", "/items", b'{"text": "\\ud800", "number": 99999999999999999999}')
    assert (made.body["text"], made.body["number"]) == ("\ud800", 99999999999999999999)
    assert (await free.call("GET", "/items")).body == [made.body]


@pytest.mark.parametrize("id_", ['"\\ud800"', "{}", f'"{"a" * 256}"'])
async def test_what_can_be_no_id_is_refused(free: ContractCaller, id_: str) -> None:
    refused = await free.call("POST", "/items", b'{"id": %b}' % id_.encode())
    assert refused.status == 400
    assert "id must be a number, or a text of 1 to 255 whole" in refused.body["detail"]


async def test_a_path_that_no_item_can_have_is_unknown(free: ContractCaller) -> None:
    assert (await free.call("PUT", f"/items/{'a' * 256}", {})).status == 404


@pytest.mark.parametrize("nothing", [None, ""])
async def test_an_id_of_nothing_is_made(free: ContractCaller, nothing: str | None) -> None:
    assert len((await free.call("POST", "/items", {"id": nothing})).body["id"]) == 36


@pytest.mark.parametrize(
    ("id_", "path"),
    [
        ("50 € / 2", "/items/50%20%E2%82%AC%20%2F%202"),
        ("a\0\r\nb: c\x90", "/items/a%00%0D%0Ab%3A%20c%C2%90"),
    ],
)
async def test_the_location_of_any_id_leads_to_it(
    free: ContractCaller, id_: str, path: str
) -> None:
    made = await free.call("POST", "/items", {"id": id_})
    assert made.headers["location"] == path
    assert (await free.call("GET", path)).body == {"id": id_}


async def test_a_count_beyond_all_lists_is_none(free: ContractCaller) -> None:
    await free.call("POST", "/items", {})
    for query in (f"limit={'9' * 5_000}", f"page={'9' * 30}"):
        assert (await free.call("GET", f"/items?{query}")).status == 200


PETS = """
openapi: 3.0.3
info: {title: Pets, version: '1'}
components:
  schemas:
    Pet: {type: object, properties: {id: {type: integer}, name: {type: string}}}
  requestBodies:
    Pet: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
  responses:
    Pet:
      description: It.
      content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
    Missing: {description: There is none.}
paths:
  /pet:
    post:
      requestBody: {$ref: '#/components/requestBodies/Pet'}
      responses: {'200': {$ref: '#/components/responses/Pet'}}
    put:
      requestBody: {$ref: '#/components/requestBodies/Pet'}
      responses:
        '200': {$ref: '#/components/responses/Pet'}
        '404': {$ref: '#/components/responses/Missing'}
    patch:
      requestBody: {content: {application/json: {schema: {type: array, items: {type: integer}}}}}
      responses: {'200': {description: Many., content: {text/plain: {example: many}}}}
  /pet/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {$ref: '#/components/responses/Pet'}}}
    delete: {description: Declares nothing.}
  /bare:
    post: {description: Declares nothing.}
"""


@pytest.fixture
async def pets(tmp_path: Path) -> AsyncIterator[ContractCaller]:
    async with mocking(tmp_path, PETS) as caller:
        yield caller


async def test_a_put_of_a_collection_replaces_the_item_that_its_body_names(
    pets: ContractCaller,
) -> None:
    await pets.call("POST", "/pet", {"id": 7, "name": "Rex"})
    put = await pets.call("PUT", "/pet", {"id": 7, "name": "Max"})
    assert (put.status, put.body) == (200, {"id": 7, "name": "Max"})
    assert (await pets.call("GET", "/pet/7")).body == put.body
    assert (await pets.call("PUT", "/pet", {"id": 8})).status == 404
    assert (await pets.call("PUT", "/pet", {"name": "Max"})).status == 400
    assert [each["subject"] for each in await pets.events()] == ["7", "7"]


async def test_a_patch_of_a_collection_whose_body_names_no_item_answers_its_example(
    pets: ContractCaller,
) -> None:
    assert (await pets.call("PATCH", "/pet", [1, 2])).body == "many"


async def test_an_operation_that_declares_no_answer_is_answered_without_content(
    pets: ContractCaller,
) -> None:
    await pets.call("POST", "/pet", {"id": 7})
    assert (await pets.call("DELETE", "/pet/7")).status == 204
    assert (await pets.call("GET", "/pet/7")).status == 404
    assert (await pets.call("POST", "/bare")).status == 204
