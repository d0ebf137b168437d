"""The id of an item is where its path says, also within the member that tells of the item."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contract_runtime import ContractCaller, Said, mocking
from generic.wrapped_contracts import COUNT, TEXT, record
from tallystick.apis.generic.item_id import find_id, has_id_at, id_at, may_send_id, with_id_at
from tallystick.contract.schema_shape import SchemaShape

NAMED = record(name=TEXT, namespace=TEXT)
OWNED = record(owner=record(id=TEXT, name=TEXT), size=COUNT)
THINGS = "/spaces/one/things"


@pytest.mark.parametrize(
    ("parameter", "members", "expected"),
    [
        ("customerId", ["id", "name"], "id"),
        ("customer_id", ["customerId", "id"], "customerId"),
        ("username", ["name", "email"], "name"),
        ("petUuid", ["uuid", "name"], "uuid"),
        ("task_gid", ["name", "gid"], "gid"),
        ("callSID", ["sid", "name"], "sid"),
        ("id", ["id", "@id"], "id"),
        ("itemId", ["@id", "id", "_id"], "id"),
    ],
)
def test_the_member_that_a_path_parameter_names_is_found(
    parameter: str, members: list[str], expected: str
) -> None:
    flat: dict[str, Any] = dict.fromkeys(members, TEXT)
    item = SchemaShape(record(**flat, metadata=NAMED), {})
    assert find_id(parameter, [], item) == (expected,)


@pytest.mark.parametrize(
    ("parameter", "item", "place"),
    [
        ("name", record(kind=TEXT, metadata=NAMED), ("metadata", "name")),
        ("name", record(ref=record(name=TEXT), metadata=NAMED), ("metadata", "name")),
        ("name", record(ref=record(name=TEXT), head=NAMED), ("head", "name")),
        ("id", record(meta=record(id=TEXT), owner=record(id=TEXT)), ("meta", "id")),
        ("name", record(name=TEXT, metadata=NAMED), ("name",)),
        ("name", record(metadata=record(name=record(first=TEXT))), ()),
        ("name", record(one=record(name=TEXT), two=record(name=TEXT)), ()),
        ("id", OWNED, ()),
        ("orderId", OWNED, ()),
        ("x", record(title=TEXT), ()),
    ],
)
def test_an_id_within_is_that_of_the_item_itself(
    parameter: str, item: Any, place: tuple[str, ...]
) -> None:
    assert find_id(parameter, ["namespace", parameter], SchemaShape(item, {})) == place


@pytest.mark.parametrize("item", [{}, {"head": None}, {"head": "text"}, None, "text"])
def test_any_item_gets_an_id_at_its_place(item: Any) -> None:
    assert id_at(item, ("head", "name")) is None
    assert id_at(with_id_at(item, ("head", "name"), "a"), ("head", "name")) == "a"


def test_what_is_beside_an_id_stays_in_its_order() -> None:
    item = {"kind": "Thing", "head": {"name": "b", "size": 1}}
    named = with_id_at(item, ("head", "name"), "a")
    assert named == {"kind": "Thing", "head": {"name": "a", "size": 1}}
    assert list(named) == ["kind", "head"]
    assert list(with_id_at(item, ("id",), "a")) == ["id", "kind", "head"]
    assert with_id_at(item, (), "a") == item
    assert id_at(item, ()) is None


def test_an_id_may_be_sent_unless_it_or_what_holds_it_is_read_only() -> None:
    own = {**TEXT, "readOnly": True}
    shapes = [record(head=record(name=each)) for each in (TEXT, own)]
    shapes += [record(head={**NAMED, "readOnly": True}), record(head=record(size=COUNT)), record()]
    found = [SchemaShape(each, {}) for each in shapes]
    place = ("head", "name")
    assert [has_id_at(each, place) for each in found] == [True, True, True, False, False]
    assert [may_send_id(each, place) for each in found] == [True, False, False, False, False]


def contract(rules: str) -> str:
    """Return a contract with the rules of a name within ``metadata``."""
    return _CONTRACT.replace("RULES", rules)


_CONTRACT = """
openapi: 3.0.3
info: {title: Things, version: '1'}
components:
  schemas:
    Thing:
      type: object
      properties:
        kind: {type: string}
        metadata:
          type: object
          properties:
            name: {type: string, RULES}
            labels: {type: object, additionalProperties: {type: string}}
        spec: {type: object, properties: {size: {type: integer}}}
paths:
  /spaces/{namespace}/things:
    parameters: [{name: namespace, in: path, required: true, schema: {type: string}}]
    post:
      requestBody: &thing
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses:
        '201': &it
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        '409': {description: Taken.}
  /spaces/{namespace}/things/{name}:
    parameters:
      - {name: namespace, in: path, required: true, schema: {type: string}}
      - {name: name, in: path, required: true, schema: {type: string}}
    get: {responses: {'200': *it, '404': {description: None.}}}
    put: {requestBody: *thing, responses: {'200': *it, '201': *it}}
    patch: {requestBody: *thing, responses: {'200': *it, '404': {description: None.}}}
"""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[ContractCaller]:
    async with mocking(tmp_path, contract("maxLength: 400")) as caller:
        yield caller


async def make(office: ContractCaller, **metadata: Any) -> Said:
    return await office.call("POST", THINGS, {"kind": "Thing", "metadata": metadata})


@pytest.mark.anyio
async def test_an_item_is_found_by_the_name_within_it(office: ContractCaller) -> None:
    made = await make(office, name="a", labels={"x": "1"})
    assert (await office.call("GET", f"{THINGS}/a")).body == made.body
    assert (await office.call("GET", "/spaces/two/things/a")).status == 404
    assert (await make(office, name="a")).status == 409
    assert (await make(office, name="x" * 300)).status == 400


@pytest.mark.anyio
async def test_a_change_keeps_the_name_within(office: ContractCaller) -> None:
    made = await make(office, name="a", labels={"x": "1"})
    change = {"metadata": {"name": "b", "labels": {"y": "2"}}}
    changed = await office.call("PATCH", f"{THINGS}/a", change)
    labels = {"x": "1", "y": "2"}
    assert changed.body == {**made.body, "metadata": {"name": "a", "labels": labels}}
    put = await office.call("PUT", f"{THINGS}/b", {"metadata": {"labels": {}}})
    assert (put.status, put.body["metadata"]) == (201, {"name": "b", "labels": {}})


@pytest.mark.anyio
@pytest.mark.parametrize("rules", ["readOnly: true", "maxLength: 400"])
async def test_a_server_makes_a_name_that_was_not_sent(tmp_path: Path, rules: str) -> None:
    async with mocking(tmp_path, contract(rules)) as office:
        sent = {"name": "mine"} if "readOnly" in rules else {}
        made = [(await make(office, **sent, labels={})).body for _ in range(2)]
        names = {each["metadata"]["name"] for each in made}
        assert len(names - {"mine"}) == 2
        for each in made:
            path = f"{THINGS}/{each['metadata']['name']}"
            assert (await office.call("GET", path)).body == each
