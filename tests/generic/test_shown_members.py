"""An answer shows of an item what its own schema declares, and what no schema does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract_runtime import ContractCaller, mocking

pytestmark = pytest.mark.anyio

USERS = """
openapi: 3.1.0
info: {title: Users, version: '1'}
components:
  schemas:
    Summary:
      type: object
      properties: {id: {type: string}, name: {type: string}}
    User:
      oneOf:
        - {type: object, properties: {id: &text {type: string}, name: *text, bio: *text}}
        - {type: object, properties: {id: *text, name: *text, firm: *text}}
    NewUser:
      type: object
      properties:
        {name: {type: string}, bio: {type: string}, firm: {type: string}, password: {type: string}}
paths:
  /users:
    get:
      responses:
        '200':
          description: All.
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Summary'}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/NewUser'}}}}
      responses:
        '201': &user
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *user}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/NewUser'}}}}
      responses:
        '200':
          description: Any.
          content: {application/json: {schema: {type: object, additionalProperties: true}}}
    delete:
      responses:
        '200':
          description: Gone.
          content:
            application/json:
              schema: {type: object, properties: {status: {type: string}}}
              example: {status: gone}
"""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[ContractCaller]:
    async with mocking(tmp_path, USERS) as caller:
        yield caller


async def test_a_password_of_the_request_alone_is_shown_by_no_answer(
    office: ContractCaller,
) -> None:
    sent = {"name": "Ada", "bio": "b", "password": "hunter2", "more": 1}
    made = (await office.call("POST", "/users", sent)).body
    assert made == {"id": made["id"], "name": "Ada", "bio": "b", "more": 1}
    assert (await office.call("GET", f"/users/{made['id']}")).body == made


@pytest.mark.parametrize("member", ["bio", "firm"])
async def test_a_list_of_summaries_leaves_out_the_rest_of_each_form(
    office: ContractCaller, member: str
) -> None:
    made = (await office.call("POST", "/users", {"name": "Ada", member: "x"})).body
    assert made[member] == "x"
    [listed] = (await office.call("GET", "/users")).body
    assert listed == {"id": made["id"], "name": "Ada"}


async def test_an_answer_that_takes_all_members_shows_them(office: ContractCaller) -> None:
    id_ = (await office.call("POST", "/users", {"name": "Ada"})).body["id"]
    put = await office.call("PUT", f"/users/{id_}", {"name": "Eve", "bio": "b"})
    assert put.body == {"id": id_, "name": "Eve", "bio": "b"}


async def test_an_answer_with_no_member_of_the_item_is_its_example(office: ContractCaller) -> None:
    id_ = (await office.call("POST", "/users", {"name": "Ada"})).body["id"]
    assert (await office.call("DELETE", f"/users/{id_}")).body == {"status": "gone"}


WAYS_TO_PAY = """
openapi: 3.1.0
info: {title: Ways to pay, version: '1'}
components:
  schemas:
    Card:
      type: object
      properties: {id: {type: string}, kind: {const: card}, digits: {type: string}}
    Bank:
      type: object
      properties: {id: {type: string}, kind: {const: bank}, iban: {type: string}}
    Way: {oneOf: [{$ref: '#/components/schemas/Card'}, {$ref: '#/components/schemas/Bank'}]}
paths:
  /ways:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Way'}}}}
      responses:
        '201': &way
          description: It.
          content:
            application/json:
              schema: {type: object, properties: {data: {$ref: '#/components/schemas/Way'}}}
  /ways/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *way}}
"""


@pytest.mark.parametrize("own", [{"kind": "card", "digits": "4"}, {"kind": "bank", "iban": "DE"}])
async def test_a_wrapped_item_of_any_form_shows_its_members(
    tmp_path: Path, own: dict[str, str]
) -> None:
    sent = {"id": "a", **own}
    async with mocking(tmp_path, WAYS_TO_PAY) as caller:
        assert (await caller.call("POST", "/ways", sent)).body == {"data": sent}
        assert (await caller.call("GET", "/ways/a")).body == {"data": sent}
