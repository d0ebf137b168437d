"""Which operations answer in pages, by a link to themselves or by the names of a cursor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tallystick.clients import read_contract, read_document
from tallystick.clients.pages import Pages, find_pages

THINGS = """
openapi: 3.1.0
info: {title: Things, version: '1'}
paths:
  /shelves/{shelf-id}/things:
    get:
      operationId: list-things
      parameters:
        - {name: shelf-id, in: path, required: true, schema: {type: string}}
        - {name: kind, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: after, in: query, schema: {type: string}}
      responses:
        '200':
          description: Some.
          content: {application/json: {schema: {$ref: '#/components/schemas/Page'}}}
components:
  schemas:
    Page:
      type: object
      required: [things, last]
      properties:
        things: {type: array, items: {$ref: '#/components/schemas/Thing'}}
        last: {type: [string, 'null']}
        notes: {type: array, items: {type: string}}
    Thing: {type: object, properties: {id: {type: string}}}
    State: {type: string, enum: [new, used]}
"""

NEXT = {"after": "$response.body#/last", "kind": "$request.query.kind"}


class Things:
    """A contract with one list; each test changes a part of it."""

    def __init__(self) -> None:
        self.content: Any = yaml.safe_load(THINGS)
        self.operation = self.content["paths"]["/shelves/{shelf-id}/things"]["get"]
        self.members = self.content["components"]["schemas"]["Page"]["properties"]

    def link(self, parameters: object, operation: str = "list-things", **more: object) -> None:
        link = {"operationId": operation, "parameters": parameters, **more}
        self.operation["responses"]["200"]["links"] = {"on": link}

    def rename(self, parameter: str, member: str) -> None:
        self.operation["parameters"][3]["name"] = parameter
        self.members[member] = self.members.pop("last")


@pytest.fixture
def things() -> Things:
    return Things()


def pages_of(things: Things, folder: Path) -> Pages | None:
    file = folder / "things.yaml"
    file.write_text(yaml.safe_dump(things.content, sort_keys=False))
    return find_pages(read_contract(str(file)).document).get("listThings")


@pytest.mark.parametrize(
    ("api", "operation", "repeated"),
    [
        ("keyastrom", "listEvents", set()),
        ("keyastrom", "listProblemsOfEnvironment", {"fields"}),
        ("charon", "listExecutions", {"limit", "messages"}),
    ],
)
def test_a_link_of_the_five_says_what_is_sent_beside_a_cursor(
    api: str, operation: str, repeated: set[str]
) -> None:
    assert find_pages(read_document(api))[operation].repeated == repeated


@pytest.mark.parametrize("api", ["event_store", "eventgrid", "eventhos"])
def test_offsets_and_numbers_of_pages_are_no_cursors(api: str) -> None:
    assert find_pages(read_document(api)) == {}


def test_each_list_with_a_page_key_in_all_its_paths_has_pages() -> None:
    document = read_document("keyastrom")
    keyed = [
        operation["operationId"]
        for _, _, operation in document.operations()
        if {"$ref": "#/components/parameters/KeyastromNextPageKey"}
        in operation.get("parameters", ())
    ]
    assert list(find_pages(document)) == keyed
    assert len(keyed) == 21


def test_a_link_to_itself_names_cursor_and_repeated_parameters(
    things: Things, tmp_path: Path
) -> None:
    things.link(NEXT | {"path.shelf-id": "$request.path.shelf-id"})

    assert pages_of(things, tmp_path) == Pages(
        "after", "last", "things", "Thing", frozenset(("kind",))
    )


def test_a_required_parameter_is_always_sent_again(things: Things, tmp_path: Path) -> None:
    things.link({"query.after": "$response.body#/last"})
    things.operation["parameters"][1]["required"] = True

    found = pages_of(things, tmp_path)

    assert found is not None
    assert found.repeated == {"kind"}


@pytest.mark.parametrize(
    "parameters",
    [
        NEXT | {"kind": "$request.query.limit"},
        NEXT | {"limit": 10},
        NEXT | {"limit": "$response.body#/limit"},
        NEXT | {"after": "$response.body#/page/last"},
        {"kind": "$request.query.kind"},
        {"gone": "$response.body#/last"},
        {"limit": "$response.body#/last"},
        ["after"],
        None,
    ],
)
def test_a_link_that_says_something_else_has_no_pages(
    things: Things, parameters: object, tmp_path: Path
) -> None:
    things.link(parameters)

    assert pages_of(things, tmp_path) is None


def test_a_link_that_leads_elsewhere_or_sends_a_body_has_no_pages(
    things: Things, tmp_path: Path
) -> None:
    things.link(NEXT, operation="getThing")
    assert pages_of(things, tmp_path) is None

    things.link(NEXT, requestBody="$response.body")
    assert pages_of(things, tmp_path) is None


@pytest.mark.parametrize(
    ("parameter", "member"),
    [
        ("cursor", "nextCursor"),
        ("cursor", "next_cursor"),
        ("page_token", "nextPageToken"),
        ("nextPageKey", "nextPageKey"),
        ("NextToken", "next-token"),
        ("cursor", "cursor"),
        ("continuationToken", "continuationToken"),
    ],
)
def test_names_tell_a_cursor_without_a_link(
    things: Things, parameter: str, member: str, tmp_path: Path
) -> None:
    things.rename(parameter, member)

    found = pages_of(things, tmp_path)

    assert found == Pages(parameter, member, "things", "Thing", frozenset(("kind", "limit")))


@pytest.mark.parametrize(("parameter", "member"), [("after", "last"), ("name", "name")])
def test_other_names_tell_nothing(
    things: Things, parameter: str, member: str, tmp_path: Path
) -> None:
    things.rename(parameter, member)

    assert pages_of(things, tmp_path) is None


def test_the_next_cursor_wins_over_an_echo_of_the_one_that_was_sent(
    things: Things, tmp_path: Path
) -> None:
    things.members["cursor"] = {"type": "string"}
    things.rename("cursor", "nextCursor")

    found = pages_of(things, tmp_path)

    assert found is not None
    assert found.cursor == "nextCursor"


def test_items_are_the_only_list_of_objects(things: Things, tmp_path: Path) -> None:
    things.link(NEXT)
    things.members["others"] = things.members["things"]
    assert pages_of(things, tmp_path) is None

    del things.members["others"], things.members["things"]
    assert pages_of(things, tmp_path) is None


def test_a_number_a_choice_and_a_moment_are_no_cursors(things: Things, tmp_path: Path) -> None:
    things.link(NEXT)
    for schema in (
        {"type": "integer"},
        {"$ref": "#/components/schemas/State"},
        {"type": "string", "format": "date-time"},
    ):
        things.members["last"] = schema
        assert pages_of(things, tmp_path) is None


def test_a_cursor_that_must_be_sent_has_no_first_page(things: Things, tmp_path: Path) -> None:
    things.link(NEXT)
    things.operation["parameters"][3]["required"] = True

    assert pages_of(things, tmp_path) is None


def test_an_answer_that_may_be_empty_has_no_pages(things: Things, tmp_path: Path) -> None:
    things.link(NEXT)
    things.operation["responses"]["204"] = {"description": "None."}

    assert pages_of(things, tmp_path) is None


def test_a_list_that_is_asked_for_by_post_has_no_pages(things: Things, tmp_path: Path) -> None:
    things.link(NEXT)
    item = things.content["paths"]["/shelves/{shelf-id}/things"]
    item["post"] = item.pop("get")

    assert pages_of(things, tmp_path) is None


def test_the_name_of_another_operation_is_left_to_it(things: Things, tmp_path: Path) -> None:
    things.link(NEXT)
    other = {"operationId": "listThings_all", "responses": {"204": {"description": "None."}}}
    things.content["paths"]["/all"] = {"get": other}

    assert pages_of(things, tmp_path) is None
