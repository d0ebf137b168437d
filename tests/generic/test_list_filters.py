"""A list is filtered by members, under their own names and as `filter[member]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_runtime import mocking
from instruction_count import InstructionCount
from tallystick.apis.generic.list_filters import (
    MAX_PARTS,
    NO_WORDS,
    ListWords,
    MemberFilter,
    find_member,
    flat_query,
    read_filters,
)
from tallystick.contract.schema_shape import SchemaShape

TEXT = {"type": "string"}
ATTRIBUTES = {"type": "object", "properties": {"status": TEXT, "type": TEXT}}
RELATIONSHIPS = {"type": "object", "properties": {"author": {"type": "object"}}}
ITEM = SchemaShape(
    {
        "type": "object",
        "properties": {
            "type": TEXT,
            "attributes": ATTRIBUTES,
            "relationships": RELATIONSHIPS,
            "Page": TEXT,
            "made": {"type": "integer"},
            "labels": {"type": "array", "items": TEXT},
            "state": {"enum": ["open", "done"]},
            "address": {"type": "object", "properties": {"city": TEXT, "zip": TEXT}},
        },
    },
    {},
)


@pytest.mark.parametrize(
    ("parameter", "place"),
    [
        ("type", ("type",)),
        ("filter[type]", ("type",)),
        ("filter[status]", ("attributes", "status")),
        ("status", None),
        ("filter[mood]", None),
        ("filter[status][ne]", ("attributes", "status")),
        ("filter[author]", ("relationships", "author")),
        ("type[ne]", ("type",)),
        ("type[mood]", None),
        ("Type", ("type",)),
        ("page", None),
    ],
)
def test_a_filter_is_of_a_member_of_the_item_or_of_its_attributes(
    parameter: str, place: tuple[str, ...] | None
) -> None:
    assert find_member(parameter, ITEM) == place


def test_the_members_of_an_object_have_names_of_their_own() -> None:
    query = {"filter": {"status": "open", "at": {"gte": 1}}, "page": 2, "attributes": {"a": 1}}
    assert flat_query(query, ITEM) == {
        "filter[status]": "open",
        "filter[at][gte]": 1,
        "page": 2,
        "attributes": {"a": 1},
    }


def test_what_lacks_a_member_has_its_default_and_null_is_a_value() -> None:
    words = ListWords({"filter[status]": "open"}, frozenset({("type", "all")}))
    query = {"filter[status]": "open", "type": "all"}
    [found] = read_filters(query, ITEM, words)
    assert found.takes({})
    assert found.takes({"attributes": {}})
    assert not found.takes({"attributes": {"status": None}})
    assert found.fragment == b""


@pytest.mark.parametrize(
    ("query", "item", "expected"),
    [
        ({"made": {"gte": 5, "lt": 9}}, {"made": 5}, True),
        ({"made": {"gte": 5, "lt": 9}}, {"made": 9}, False),
        ({"made[gt]": "5"}, {"made": 5}, False),
        ({"made__gte": 6}, {"made": 5}, False),
        ({"type__icontains": "B"}, {"type": "abc"}, True),
        ({"filter[made][le]": 5}, {"made": 5}, True),
        ({"made[gt]": 5}, {}, False),
        ({"made[in]": "4,5"}, {"made": 5}, True),
        ({"type[not]": "a"}, {"type": "b"}, True),
        ({"state": "open,done"}, {"state": "done"}, True),
        ({"state": "open,lost"}, {"state": "done"}, False),
        ({"labels": "a,b"}, {"labels": ["b", "c", "a"]}, True),
        ({"labels": "a,b"}, {"labels": ["a"]}, False),
        ({"labels": ",".join("a" * MAX_PARTS)}, {"labels": ["a"]}, True),
        ({"labels": ",".join("a" * (MAX_PARTS + 1))}, {"labels": ["a"]}, False),
        ({"type": "a,b"}, {"type": "a"}, False),
        ({"type": "a,b"}, {"type": "a,b"}, True),
        ({"labels": "bug"}, {"labels": [{"id": 7, "name": "bug"}]}, True),
        ({"address": "Rome"}, {"address": {"city": "Rome"}}, True),
        ({"address": {"city": "Rome"}}, {"address": {"city": "Rome", "zip": "1"}}, True),
        ({"address": {"city": "Rome", "zip": "2"}}, {"address": {"city": "Rome"}}, False),
        (
            {"filter[author]": "1"},
            {"relationships": {"author": {"data": {"type": "people", "id": "1"}}}},
            True,
        ),
    ],
)
def test_a_filter_compares_as_its_name_says(
    query: dict[str, Any], item: dict[str, Any], expected: bool
) -> None:
    found = read_filters(flat_query(query, ITEM), ITEM, NO_WORDS)
    assert found
    assert all(each.takes(item) for each in found) is expected


@pytest.mark.parametrize(
    ("wanted", "value", "is_taken"),
    [
        ("a", "a", True),
        ("a", ["b", ["a"]], True),
        (["b", "a"], "a", True),
        (["b", "c"], ["a", "d"], False),
        ("1", 1, True),
        (1, 1.0, True),
        (1.0, 1, True),
        (1.5, "1.5", True),
        (1, 2, False),
        ("true", True, True),
        (True, "true", True),
        (False, True, False),
        (None, None, True),
        ("None", None, False),
        ({"a": 1, "b": 2}, [{"b": 2, "a": 1}], True),
        ({"a": 1}, {"a": 2}, False),
        ("7", {"a": {"b": {"c": 7}}}, False),
    ],
)
def test_values_match_by_their_text_and_lists_by_one_of_their_items(
    wanted: Any, value: Any, is_taken: bool
) -> None:
    assert MemberFilter(("type",), wanted).takes({"type": value}) == is_taken


@pytest.mark.parametrize("wanted", [[f"w{n}" for n in range(300)], ",".join(map(str, range(300)))])
def test_the_work_of_two_lists_is_their_sum(wanted: Any) -> None:
    shape = SchemaShape({"type": "object", "properties": {"type": {"type": "array"}}}, {})
    [found] = read_filters({"type": wanted}, shape, NO_WORDS)
    count = InstructionCount()
    with count.taken():
        assert not found.takes({"type": [f"t{number}" for number in range(300)]})
    assert count.instructions < 200_000  # in pairs 3,000,000


def test_a_filter_of_several_values_has_no_fragment() -> None:
    for name, value in [("state", "open,done"), ("made[gte]", 5), ("made[in]", "4,5")]:
        [found] = read_filters({name: value}, ITEM, NO_WORDS)
        assert found.fragment == b""


TASKS = """
openapi: 3.0.3
info: {title: Tasks, version: '1'}
components:
  schemas:
    Task: {type: object, properties: {id: {type: string, readOnly: true}, status: {type: string}}}
paths:
  /tasks:
    get:
      parameters: [FILTER]
      responses:
        '200':
          description: Them.
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Task'}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Task'}}}}
      responses:
        '201':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Task'}}}
  /tasks/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Task'}}}
"""
LITERAL = "{name: 'filter[status]', in: query, schema: {type: string}}"
DEEP = (
    "{name: filter, in: query, style: deepObject, "
    "schema: {type: object, properties: {status: {type: string}}}}"
)


@pytest.mark.anyio
@pytest.mark.parametrize("parameter", [LITERAL, DEEP], ids=["literal", "deepObject"])
async def test_a_list_is_filtered_by_either_form(tmp_path: Path, parameter: str) -> None:
    async with mocking(tmp_path, TASKS.replace("FILTER", parameter)) as caller:
        for status in ("open", "done", "open"):
            await caller.call("POST", "/tasks", {"status": status})

        async def statuses(query: str) -> list[Any]:
            return [each["status"] for each in (await caller.call("GET", f"/tasks{query}")).body]

        assert await statuses("?filter[status]=open") == ["open", "open"]
        assert await statuses("?filter%5Bstatus%5D=done") == ["done"]
        assert await statuses("") == ["open", "done", "open"]


@pytest.mark.anyio
async def test_a_word_for_all_items_may_be_in_an_object(tmp_path: Path) -> None:
    parameter = DEEP.replace("status: {type: string}", "status: {type: string, enum: [all, open]}")
    async with mocking(tmp_path, TASKS.replace("FILTER", parameter)) as caller:
        await caller.call("POST", "/tasks", {"status": "done"})
        assert len((await caller.call("GET", "/tasks?filter[status]=all")).body) == 1
