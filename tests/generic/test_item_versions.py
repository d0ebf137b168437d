"""An answer tells the version of an item, and a change is done on the version that it names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contract_runtime import ContractCaller, Said, mocking

pytestmark = pytest.mark.anyio

NOTES = """
openapi: 3.1.0
info: {title: Notes, version: '1'}
components:
  schemas:
    Note:
      type: object
      properties: {id: {type: string, readOnly: true}, text: {type: string}}
  parameters:
    Version: {name: If-Match, in: header, schema: {type: string}}
  responses:
    Note:
      description: It.
      headers: {etag: {schema: {type: string}}}
      content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
    Refused: {description: Refused.}
paths:
  /notes:
    post:
      requestBody: &note
        content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
      responses: {'201': {$ref: '#/components/responses/Note'}}
  /notes/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      responses:
        '200':
          description: It, without a word of its version.
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
        '404': {$ref: '#/components/responses/Refused'}
    put:
      parameters: [{$ref: '#/components/parameters/Version'}]
      requestBody: *note
      responses:
        '200': {$ref: '#/components/responses/Note'}
        '201': {$ref: '#/components/responses/Note'}
        '412': {$ref: '#/components/responses/Refused'}
    patch:
      parameters: [{$ref: '#/components/parameters/Version'}]
      requestBody: *note
      responses:
        '200': {$ref: '#/components/responses/Note'}
        '404': {$ref: '#/components/responses/Refused'}
        '428': {$ref: '#/components/responses/Refused'}
    delete:
      responses:
        '204': {description: Gone.}
"""


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[ContractCaller]:
    async with mocking(tmp_path, NOTES) as caller:
        yield caller


async def made(notes: ContractCaller) -> tuple[str, str]:
    """The path and the version of a new note."""
    said = await notes.call("POST", "/notes", {"text": "a"})
    return f"/notes/{said.body['id']}", said.headers["etag"]


async def change(
    notes: ContractCaller, method: str, path: str, version: str | None, body: Any = None
) -> Said:
    headers = {} if version is None else {"if-match": version}
    return await notes.call(method, path, {"text": "b"} if body is None else body, headers=headers)


async def test_an_item_has_another_version_after_each_change(notes: ContractCaller) -> None:
    path, first = await made(notes)
    assert (await notes.call("GET", path)).headers["etag"] == first
    changed = await change(notes, "PUT", path, first)
    assert changed.headers["etag"] != first
    assert (await notes.call("GET", path)).headers["etag"] == changed.headers["etag"]


@pytest.mark.parametrize("told", ["*", 'W/"x", {}', "{}"])
async def test_a_change_of_the_version_at_hand_is_done(notes: ContractCaller, told: str) -> None:
    path, version = await made(notes)
    assert (await change(notes, "PUT", path, told.format(version))).status == 200


@pytest.mark.parametrize("told", ['"x"', "W/{}", "", "x" * 10_000, "Ünïcode"])
async def test_a_change_of_another_version_is_refused(notes: ContractCaller, told: str) -> None:
    path, version = await made(notes)
    assert (await change(notes, "PUT", path, told.format(version))).status == 412
    assert (await notes.call("GET", path)).headers["etag"] == version


async def test_what_is_not_there_has_no_version(notes: ContractCaller) -> None:
    assert (await change(notes, "PUT", "/notes/new", "*")).status == 412
    assert (await change(notes, "PUT", "/notes/new", None)).status == 201
    assert (await change(notes, "PATCH", "/notes/other", "*")).status == 404


async def test_a_change_without_a_version_is_refused_where_the_contract_asks_for_one(
    notes: ContractCaller,
) -> None:
    path, version = await made(notes)
    assert (await change(notes, "PATCH", path, None)).status == 428
    assert (await change(notes, "PATCH", path, version)).status == 200


async def test_a_version_that_the_contract_does_not_ask_for_is_left_alone(
    notes: ContractCaller,
) -> None:
    path, _ = await made(notes)
    assert (await change(notes, "DELETE", path, '"x"', b"")).status == 204


async def test_a_reader_who_has_the_version_gets_no_body(notes: ContractCaller) -> None:
    path, version = await made(notes)
    said = await notes.call("GET", path, headers={"if-none-match": version})
    assert (said.status, said.body, said.headers["etag"]) == (304, "", version)
    other = await notes.call("GET", path, headers={"if-none-match": '"x"'})
    assert other.status == 200
