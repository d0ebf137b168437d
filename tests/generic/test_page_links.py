"""A list tells where it leads, in its header and in its members, as its contract has them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from contract_runtime import ContractCaller, mocking
from generic.books import books

HOST = {"host": "shop.example"}
HERE = "http://shop.example/books"
URI = "{type: string, format: uri}"
OFTEN = "{type: [string, 'null'], format: uri}"
TEXT = "{type: string}"


def numbered(members: str = "", parameter: str = "{name: page, in: query, schema: {}}") -> str:
    """A contract whose pages have numbers alone, and a header ``Link``."""
    contract = books("CURSOR", members)
    contract = contract.replace("{name: CURSOR, in: query, schema: {type: string}}", parameter)
    header = "headers: {link: {schema: {type: string}}}"
    return contract.replace("A page.\n", f"A page.\n          {header}\n")


def relations(header: str) -> dict[str, str]:
    """The links of a header, by their relations."""
    return {name: url for url, name in re.findall(r'<([^>]*)>; rel="([a-z]+)"', header)}


async def fill(caller: ContractCaller, number: int = 5) -> None:
    for title in "abcde"[:number]:
        await caller.call("POST", "/books", {"title": title})


async def listed(caller: ContractCaller, target: str) -> Any:
    return (await caller.call("GET", target, headers=HOST)).body


@pytest.mark.anyio
async def test_a_header_leads_to_the_pages_around_by_their_numbers(tmp_path: Path) -> None:
    async with mocking(tmp_path, numbered()) as caller:
        await fill(caller)
        told = {}
        for number in (1, 2, 3):
            target = f"/books?limit=2&page={number}"
            answer = await caller.call("GET", target, headers=HOST)
            found = relations(answer.headers["link"])
            told[number] = {name: url.removeprefix(f"{HERE}?") for name, url in found.items()}
    at = "limit=2&page={}".format
    assert told == {
        1: {"next": at(2), "first": at(1), "last": at(3)},
        2: {"next": at(3), "prev": at(1), "first": at(1), "last": at(3)},
        3: {"prev": at(2), "first": at(1), "last": at(3)},
    }


@pytest.mark.anyio
async def test_a_header_leads_on_by_a_cursor_and_counts_what_a_filter_takes(
    tmp_path: Path,
) -> None:
    contract = numbered(parameter="{name: cursor, in: query, schema: {type: string}}")
    async with mocking(tmp_path, contract) as caller:
        await fill(caller)
        target, titles = "/books?limit=2", []
        while target:
            answer = await caller.call("GET", target, headers=HOST)
            titles += [book["title"] for book in answer.body["books"]]
            found = relations(answer.headers["link"])
            assert found["first"] == f"{HERE}?limit=2"
            target = found.get("next", "").removeprefix("http://shop.example")
        assert titles == [*"abcde"]
        assert found.keys() == {"first"}
    async with mocking(tmp_path, numbered()) as caller:
        for title in "abaca":
            await caller.call("POST", "/books", {"title": title})
        answer = await caller.call("GET", "/books?title=a&limit=1", headers=HOST)
        assert relations(answer.headers["link"])["last"] == f"{HERE}?title=a&limit=1&page=3"


@pytest.mark.anyio
async def test_a_required_header_leads_nowhere_but_here(tmp_path: Path) -> None:
    required = numbered().replace("link: {", "link: {required: true, ")
    contract = required.replace("{name: page, in: query, schema: {}}", "{name: a, in: query}")
    async with mocking(tmp_path, contract) as caller:
        answer = await caller.call("GET", "/books", headers=HOST)
        assert relations(answer.headers["link"]) == {"first": HERE}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("members", "first", "second", "third"),
    [
        (
            f"links: {{properties: {{self: {TEXT}, prev: {OFTEN}, next: {URI}, last: {TEXT}}}}}",
            {"self": "?limit=2&page=1", "prev": None, "next": 2, "last": 3},
            {"self": "?limit=2&page=2", "prev": 1, "next": 3, "last": 3},
            {"self": "?limit=2&page=3", "prev": 2, "last": 3},
        ),
        (
            f"_links: {{properties: {{prev: {{properties: {{href: {URI}}}}}}}}}",
            None,
            {"prev": {"href": 1}},
            {"prev": {"href": 2}},
        ),
        ("next: {type: [string, 'null']}", 2, 3, None),
        ("previous: {type: string, nullable: true, format: uri}", None, 1, 2),
        ("next_page_uri: {type: [string, 'null']}", 2, 3, None),
        ("first_page_uri: {type: string}", 1, 1, 1),
        ("'@odata.nextLink': {type: string}", 2, 3, None),
        ("next_page: {type: [integer, 'null']}", 2, 3, None),
    ],
)
async def test_members_lead_to_the_pages_around(
    tmp_path: Path, members: str, first: Any, second: Any, third: Any
) -> None:
    name = members.partition(":")[0].strip("'")

    def with_addresses(value: Any) -> Any:
        if isinstance(value, dict):
            return {each: with_addresses(inner) for each, inner in value.items()}
        if isinstance(value, int) and "integer" not in members:
            return f"{HERE}?limit=2&page={value}"
        return f"{HERE}{value}" if isinstance(value, str) else value

    version = "3.0.3" if "nullable" in members else "3.1.0"
    async with mocking(tmp_path, numbered(members).replace("3.1.0", version)) as caller:
        await fill(caller)
        for number, expected in enumerate((first, second, third), 1):
            body = await listed(caller, f"/books?limit=2&page={number}")
            assert body.get(name) == with_addresses(expected)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("members", "told"),
    [
        ("next: {type: string}", ""),
        ("next: {type: string, format: uri-reference}", ""),
        (f"next: {URI}", f"{HERE}?limit=2&page=4"),
        (
            f"_links: {{required: [next], properties: {{next: {URI}}}}}",
            {"next": f"{HERE}?limit=2&page=4"},
        ),
        ("next_page: {type: integer}", 4),
    ],
)
async def test_a_next_page_that_must_be_there_is_an_empty_one_of_this_list(
    tmp_path: Path, members: str, told: Any
) -> None:
    name = members.partition(":")[0]
    contract = numbered(members).replace("required: [books]", f"required: [books, {name}]")
    async with mocking(tmp_path, contract) as caller:
        await fill(caller)
        body = await listed(caller, "/books?limit=2&page=3")
        assert len(body["books"]) == 1
        assert body[name] == told
        assert (await listed(caller, "/books?limit=2&page=4"))["books"] == []


@pytest.mark.anyio
@pytest.mark.parametrize("number", [0, 3])
async def test_a_cursor_that_must_be_there_leads_to_what_comes_later(
    tmp_path: Path, number: int
) -> None:
    cursor = "next_cursor: {type: string, minLength: 1}"
    contract = books("cursor", cursor).replace("[books]", "[books, next_cursor]")
    async with mocking(tmp_path, contract) as caller:
        await fill(caller, number)
        end = (await listed(caller, "/books?limit=5"))["next_cursor"]
        assert (await listed(caller, f"/books?cursor={end}"))["books"] == []
        await caller.call("POST", "/books", {"title": "later"})
        later = (await listed(caller, f"/books?cursor={end}"))["books"]
        assert [book["title"] for book in later] == ["later"]


@pytest.mark.anyio
async def test_an_offset_from_1_leads_through_all_items(tmp_path: Path) -> None:
    start = "{name: startIndex, in: query, schema: {type: integer, default: 1}}"
    members = "startIndex: {type: integer}\n                  itemsPerPage: {type: integer}"
    async with mocking(tmp_path, numbered(members, start)) as caller:
        await fill(caller)
        titles = []
        for index in (1, 3, 5):
            answer = await caller.call("GET", f"/books?startIndex={index}&limit=2", headers=HOST)
            titles += [book["title"] for book in answer.body["books"]]
            assert answer.body["startIndex"] == index
            assert answer.body["itemsPerPage"] == len(answer.body["books"])
        assert titles == [*"abcde"]
        found = relations(answer.headers["link"])
        assert found["prev"] == f"{HERE}?limit=2&startIndex=3"
        assert found["first"] == f"{HERE}?limit=2&startIndex=1"


@pytest.mark.anyio
async def test_a_list_tells_the_ids_at_the_ends_of_a_page(tmp_path: Path) -> None:
    members = "first_id: {type: [string, 'null']}\n                  last_id: {type: string}"
    async with mocking(tmp_path, books("after", members)) as caller:
        assert (await listed(caller, "/books")) == {"books": [], "first_id": None}
        await fill(caller)
        target, titles = "/books?limit=2", []
        while target:
            page = await listed(caller, target)
            titles += [book["title"] for book in page["books"]]
            assert (not page["books"]) or page["first_id"] == page["books"][0]["id"]
            target = f"/books?limit=2&after={page['last_id']}" if page["books"] else ""
        assert titles == [*"abcde"]
