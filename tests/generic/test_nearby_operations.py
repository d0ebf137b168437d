"""A search right below a collection lists its items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_runtime import mocking

PETS = """
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pet:
    post: {requestBody: {content: &pet {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}, responses: {'200': &one {description: It., content: *pet}}}
  /pet/{petId}:
    get: {parameters: [{name: petId, in: path, required: true, schema: {type: integer}}], responses: {'200': *one}}
  /pet/findByStatus:
    get:
      parameters: [{name: status, in: query, schema: {type: string, default: new, enum: [new, sold]}}]
      responses: &many
        '200':
          description: Some.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
  /pet/findByTags:
    get: {parameters: [{name: tags, in: query, schema: {type: array, items: {type: string}}}], responses: *many}
  /pet/search:
    get: {parameters: [{name: query, in: query, schema: {type: string}}, {name: page, in: query, schema: {type: integer, minimum: 0}}, {name: size, in: query, schema: {type: integer}}], responses: *many}
  /pet/today:
    get: {responses: *many}
  /pet/steered:
    get: {x-resource: false, parameters: [{name: status, in: query, schema: {type: string}}], responses: *many}
components:
  schemas:
    Pet:
      type: object
      properties:
        id: {type: integer}
        name: {type: string}
        status: {type: string}
        tags: {type: array, items: {type: object, properties: {id: {type: integer}, name: {type: string}}}}
"""  # noqa: E501  # as the document has it


@pytest.mark.anyio
async def test_a_search_lists_the_items_of_its_collection(tmp_path: Path) -> None:
    async with mocking(tmp_path, PETS) as caller:

        async def names(target: str) -> Any:
            return [each.get("name") for each in (await caller.call("GET", target)).body]

        for name, status, tag in [("Rex", "new", "dog"), ("Tom", "sold", "cat"), ("Bo", "", "dog")]:
            pet = {"name": name, "tags": [{"id": 1, "name": tag}]}
            await caller.call("POST", "/pet", {**pet, "status": status} if status else pet)
        assert await names("/pet/findByStatus?status=sold") == ["Tom"]
        assert await names("/pet/findByStatus") == ["Rex", "Bo"]
        assert await names("/pet/findByTags?tags=dog") == ["Rex", "Bo"]
        assert await names("/pet/search?query=name:'Tom'") == ["Tom"]
        assert await names("/pet/search?size=2&page=1") == ["Bo"]
        for made in ("/pet/today", "/pet/steered"):
            assert await names(made) not in (["Rex", "Tom", "Bo"], [])
