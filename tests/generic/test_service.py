"""A contract without Python is served: its resources are kept, its codes hold, and each change
is an event."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract_runtime import GATEWAY, ContractCaller, Said, mocking, serving
from generic.crm import CRM
from tallystick.apis.generic import resource_store

pytestmark = pytest.mark.anyio

KEY = {"x-key": "any"}
ADA = {"name": "Ada", "city": "Oslo", "password": "secret"}

EMPTY_ANSWERS = """
openapi: 3.0.3
info: {title: Jobs, version: '1'}
x-codes: {J1: {status: 404, message: There is no such job.}}
paths:
  /jobs:
    post:
      responses: {'202': {description: Begun.}, '404': {description: None., x-codes: [J1]}}
"""


@pytest.fixture
async def crm(tmp_path: Path) -> AsyncIterator[ContractCaller]:
    async with mocking(tmp_path, CRM) as caller:
        yield caller


async def create(crm: ContractCaller, body: object = ADA) -> Said:
    return await crm.call("POST", "/customers", body, headers=KEY)


async def test_what_was_created_is_read_back_without_what_may_only_be_written(
    crm: ContractCaller,
) -> None:
    made = await create(crm)
    assert made.status == 201
    assert made.headers["location"] == f"/customers/{made.body['id']}"
    read = await crm.call("GET", f"/customers/{made.body['id']}", headers=KEY)
    assert (read.status, read.body) == (200, made.body)
    assert read.body.keys() == {"id", "name", "city", "level", "created"}
    assert read.body["level"] == "basic"


async def test_paths_answer_under_the_path_of_the_first_server_too(crm: ContractCaller) -> None:
    made = await crm.call("POST", "/v2/customers", ADA, headers=KEY)
    assert made.headers["location"] == f"/v2/customers/{made.body['id']}"
    assert (await crm.call("GET", f"/customers/{made.body['id']}", headers=KEY)).status == 200


async def test_a_broken_rule_is_answered_by_its_code_in_the_declared_shape(
    crm: ContractCaller,
) -> None:
    long = await create(crm, {"name": "Ada of Norway"})
    assert long.body == {"code": "N001", "message": "The name is too long.", "field": "name"}
    missing = await create(crm, {})
    assert (missing.status, missing.body["code"]) == (400, "N002")


async def test_a_rule_without_a_code_is_a_400_that_says_what_and_where(crm: ContractCaller) -> None:
    refused = await create(crm, {"name": "Ada", "level": "iron"})
    assert (refused.status, refused.body["field"]) == (400, "level")
    assert "basic" in refused.body["message"]


async def test_an_undeclared_error_is_problem_details(crm: ContractCaller) -> None:
    refused = await crm.call("GET", "/customers?limit=0", headers=KEY)
    assert (refused.status, refused.headers["content-type"]) == (400, "application/problem+json")


async def test_without_a_credential_a_call_is_refused(crm: ContractCaller) -> None:
    assert (await crm.call("GET", "/customers")).status == 401


async def test_a_list_is_filtered_by_members_and_cut_by_its_limit(crm: ContractCaller) -> None:
    for name, city in (("Ada", "Oslo"), ("Bo", "Rome"), ("Cy", "Oslo")):
        await create(crm, {"name": name, "city": city})
    everything = await crm.call("GET", "/customers?mood=good", headers=KEY)
    assert [each["name"] for each in everything.body["items"]] == ["Ada", "Bo", "Cy"]
    first = await crm.call("GET", "/customers?city=Oslo&limit=1", headers=KEY)
    assert [each["name"] for each in first.body["items"]] == ["Ada"]
    assert (first.body["total"], first.body["hasMore"]) == (2, True)
    second = await crm.call("GET", "/customers?city=Oslo&limit=1&page=2", headers=KEY)
    assert [each["name"] for each in second.body["items"]] == ["Cy"]
    assert second.body["hasMore"] is False


async def test_a_filter_looks_at_a_collection_slice_by_slice(
    crm: ContractCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource_store, "SLICE", 2)
    for number in range(7):
        await create(crm, {"name": f"n{number}", "city": "Oslo" if number != 3 else "Rome"})
    page = (await crm.call("GET", "/customers?city=Oslo&limit=3&page=2", headers=KEY)).body
    assert [each["name"] for each in page["items"]] == ["n4", "n5", "n6"]
    assert (page["total"], page["hasMore"]) == (6, False)


async def test_a_replacement_keeps_what_is_the_servers(crm: ContractCaller) -> None:
    made = (await create(crm)).body
    path = f"/customers/{made['id']}"
    put = await crm.call("PUT", path, {"name": "Eve", "level": "gold"}, headers=KEY)
    assert put.body == {
        "id": made["id"],
        "name": "Eve",
        "level": "gold",
        "created": made["created"],
    }
    unknown = await crm.call("PUT", "/customers/nobody", {"name": "Eve"}, headers=KEY)
    assert unknown.status == 404


async def test_a_patch_changes_members_and_must_leave_a_valid_item(crm: ContractCaller) -> None:
    path = f"/customers/{(await create(crm)).body['id']}"

    async def patch(body: object, media_type: str = "application/merge-patch+json") -> Said:
        return await crm.call("PATCH", path, body, headers=KEY, media_type=media_type)

    assert (await patch({"name": "Eve", "city": None})).body["city"] is None
    assert (await patch({"id": "other"})).body["name"] == "Eve"
    operations = [{"op": "replace", "path": "/name", "value": "Zoe"}]
    patched = await patch(operations, "application/json-patch+json")
    assert patched.body["name"] == "Zoe"
    refused = await patch({"name": "much too long"})
    assert (refused.status, refused.body["code"]) == (400, "N001")
    assert (await patch({"name": None})).body["code"] == "N002"
    wrong = await patch([{"op": "fly"}], "application/json-patch+json")
    assert wrong.status == 400
    assert (await crm.call("GET", path, headers=KEY)).body["name"] == "Zoe"


async def test_what_was_deleted_is_gone_with_all_that_belongs_to_it(crm: ContractCaller) -> None:
    path = f"/customers/{(await create(crm)).body['id']}"
    note = await crm.call("POST", f"{path}/notes", {"text": "Hello"}, headers=KEY)
    assert (note.status, note.body) == (201, {"number": 1, "text": "Hello"})
    assert (await crm.call("DELETE", path, headers=KEY)).status == 204
    assert (await crm.call("DELETE", path, headers=KEY)).status == 404
    assert (await crm.call("GET", path, headers=KEY)).status == 404
    assert (await crm.call("GET", f"{path}/notes", headers=KEY)).status == 404


async def test_items_of_one_owner_are_not_those_of_another(crm: ContractCaller) -> None:
    ada, bo = [(await create(crm, {"name": name})).body["id"] for name in ("Ada", "Bo")]
    for owner, text in ((ada, "a"), (ada, "b"), (bo, "c")):
        await crm.call("POST", f"/customers/{owner}/notes", {"text": text}, headers=KEY)
    notes = await crm.call("GET", f"/customers/{ada}/notes", headers=KEY)
    assert notes.body == [{"number": 1, "text": "a"}, {"number": 2, "text": "b"}]
    second = await crm.call("GET", f"/customers/{ada}/notes/2", headers=KEY)
    assert second.body["text"] == "b"
    nobody = await crm.call("POST", "/customers/nobody/notes", {"text": "x"}, headers=KEY)
    assert nobody.status == 404


async def test_other_operations_answer_their_example_or_nothing(crm: ContractCaller) -> None:
    assert (await crm.call("GET", "/weather", headers=KEY)).body == {"degrees": 21}
    greeted = await crm.call("POST", "/greetings", {"to": "Ada"}, headers=KEY)
    assert (greeted.status, greeted.body) == (202, "")


async def test_each_change_is_an_event_of_the_log(crm: ContractCaller) -> None:
    made = (await create(crm)).body
    await create(crm, {"name": "much too long"})
    await crm.call("GET", "/customers", headers=KEY)
    await crm.call("DELETE", f"/customers/{made['id']}", headers=KEY)
    await crm.call("POST", "/greetings", {"to": "Ada"}, headers=KEY)
    events = await crm.events()
    assert [(each["type"], each["source"]) for each in events] == [
        ("crm.createCustomer", "/crm/customers"),
        ("crm.deleteCustomer", f"/crm/customers/{made['id']}"),
        ("crm.sendGreeting", "/crm/greetings"),
    ]
    assert events[0]["data"] == ADA
    assert events[0]["subject"] == made["id"]


async def test_a_reset_forgets_what_was_created(crm: ContractCaller) -> None:
    path = f"/customers/{(await create(crm)).body['id']}"
    reset = await crm.call("POST", "/gateway/v1/mock/reset", headers=GATEWAY)
    assert reset.status == 204
    assert (await crm.call("GET", path, headers=KEY)).status == 404


async def test_a_caller_can_prefer_a_code_an_example_or_another_value(crm: ContractCaller) -> None:
    code = await crm.call("GET", "/customers/1", headers={**KEY, "prefer": "code=200"})
    assert (code.status, len(code.body["name"]) <= 10) == (200, True)
    error = await crm.call("POST", "/customers", ADA, headers={**KEY, "prefer": "error=N001"})
    assert (error.status, error.body["code"]) == (400, "N001")
    headers = {**KEY, "prefer": "code=200, dynamic=true"}
    values = [(await crm.call("GET", "/customers/1", headers=headers)).body for _ in range(3)]
    assert values[0] != values[1] or values[1] != values[2]


async def test_a_preferred_error_without_an_example_tells_its_status(crm: ContractCaller) -> None:
    headers = {**KEY, "prefer": "code=404"}
    said = await crm.call("GET", "/customers/1", headers=headers)
    assert said.body == {"code": "404", "message": "chosen by the mock"}


async def test_an_answer_without_a_declared_body_is_empty_and_names_no_media_type(
    tmp_path: Path,
) -> None:
    async with mocking(tmp_path, EMPTY_ANSWERS) as caller:
        for prefer in ("", "code=404"):
            said = await caller.call("POST", "/jobs", headers={"prefer": prefer})
            assert (said.body, said.headers.get("content-type")) == ("", None)
        said = await caller.call("POST", "/jobs", headers={"prefer": "error=J1"})
    assert (said.status, said.body["code"]) == (404, "J1")
    assert said.headers["content-type"] == "application/problem+json"


async def test_a_served_contract_keeps_its_resources_over_a_restart(tmp_path: Path) -> None:
    keys = {"contract_keys": ("key=right",)}
    async with serving(tmp_path, CRM, **keys) as crm:
        refused = await crm.call("POST", "/customers", ADA, headers=KEY)
        assert refused.status == 401
        made = await crm.call("POST", "/customers", ADA, headers={"x-key": "right"})
        assert made.status == 201
    async with serving(tmp_path, CRM, **keys) as crm:
        path = f"/customers/{made.body['id']}"
        assert (await crm.call("GET", path, headers={"x-key": "right"})).body == made.body


ORDERS = """
openapi: 3.1.0
info: {title: Orders, version: '1'}
x-codes:
  card-declined: {status: 402, message: 'The card was declined: {reason}'}
  E409: {status: 409, message: The order is there}
x-error-body: {error: {id: '{code}', text: '{message}', http: '{status}'}}
paths:
  /orders:
    post:
      operationId: postOrder
      responses:
        '201': {description: It is there.}
        '402':
          description: It is not paid.
          x-codes: [card-declined]
          content: {application/json: {schema: {type: object}, example: {error: {}}}}
        4XX:
          description: It is refused.
          x-codes: [E409]
          content: {application/json: {schema: {type: object}}}
"""


@pytest.mark.parametrize(
    ("code", "status", "text"),
    [
        ("card-declined", 402, "The card was declined: chosen by the mock"),
        ("E409", 409, "The order is there"),
    ],
)
async def test_a_code_is_chosen_in_the_declared_shape_where_no_example_has_one(
    tmp_path: Path, code: str, status: int, text: str
) -> None:
    async with mocking(tmp_path, ORDERS) as caller:
        said = await caller.call("POST", "/orders", headers={"prefer": f"error={code}"})

    assert (said.status, said.body) == (
        status,
        {"error": {"id": code, "text": text, "http": status}},
    )


async def test_an_id_that_is_no_number_is_unknown_where_ids_are_counted(tmp_path: Path) -> None:
    contract = CRM.replace("schema: {type: integer}}", "schema: {type: string}}")
    async with mocking(tmp_path, contract) as crm:
        path = f"/customers/{(await create(crm)).body['id']}/notes"
        await crm.call("POST", path, {"text": "Hello"}, headers=KEY)
        assert (await crm.call("GET", f"{path}/first", headers=KEY)).status == 404
        assert (await crm.call("GET", f"{path}/1", headers=KEY)).status == 200


@pytest.mark.parametrize("text", ["half \ud800", "nul \0", "é 日本 \n"])
async def test_any_text_that_json_can_spell_is_kept_and_answered(
    crm: ContractCaller, text: str
) -> None:
    made = await create(crm, {"name": "Ada", "city": text})
    assert (made.status, made.body["city"]) == (201, text)
    listed = await crm.call("GET", "/customers", headers=KEY)
    assert [each["city"] for each in listed.body["items"]] == [text]


PUT_CREATES = CRM.replace(
    """        content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
        '404': {$ref: '#/components/responses/Refused'}
    patch:""",
    """        content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
      responses:
        '201':
          description: It.
          headers: {Location: {schema: {type: string}}}
        '404': {$ref: '#/components/responses/Refused'}
    patch:""",
)


@pytest.mark.parametrize("id_", ["a%2Fb", "%E6%97%A5", "a%20b", "%25"])
async def test_any_id_is_kept_apart_and_told_as_it_is_called(tmp_path: Path, id_: str) -> None:
    contract = PUT_CREATES.replace("format: uuid, ", "")
    async with mocking(tmp_path, contract) as crm:
        path = f"/customers/{id_}"
        made = await crm.call("PUT", path, {"name": "Ada"}, headers=KEY)
        assert (made.status, made.headers["location"]) == (201, path)
        assert (await crm.call("GET", path, headers=KEY)).status == 200
        assert (await crm.call("GET", "/customers/a", headers=KEY)).status == 404
        [event] = await crm.events()
        assert (event["subject"], event["source"].isascii()) == (id_, True)


async def test_an_id_that_no_index_can_hold_is_unknown(crm: ContractCaller) -> None:
    long = "x" * 3_000
    assert (await crm.call("GET", f"/customers/{long}", headers=KEY)).status == 404
    put = await crm.call("PUT", f"/customers/{long}", {"name": "Ada"}, headers=KEY)
    assert put.status == 404
