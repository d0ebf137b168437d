"""An answer that tells the address of the next page leads through all items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_runtime import mocking
from generic.books import books
from tallystick.apis.generic.page_address import PageAddress

SIZE = "{name: 'page[size]', in: query, schema: {type: integer}}"
NUMBER = "{name: 'page[number]', in: query, schema: {type: integer}}"
DEEP = (
    "{name: page, in: query, style: deepObject, schema: {type: object, "
    "properties: {number: {type: integer}, size: {type: integer}}}}"
)
OFFSET = "{name: offset, in: query, schema: {type: integer}}"
PAGE_LIMIT = "{name: 'page[limit]', in: query, schema: {type: integer}}"
PAGE_OFFSET = "{name: 'page[offset]', in: query, schema: {type: integer}}"
PAGE_AFTER = "{name: 'page[after]', in: query, schema: {type: string}}"
NULLABLE = "links: {type: object, properties: {next: {type: [string, 'null'], format: uri}}}"
ABSENT = "links: {type: object, properties: {next: {type: string}}}"
HAL = (
    "_links: {type: object, properties: {next: {type: object, properties: {href: {type: string}}}}}"
)
FLAT = "next: {type: [string, 'null'], format: uri-reference}"


def told(body: Any) -> Any:
    """The address of the next page in an answer of any of the forms."""
    links = body.get("links", body.get("_links", body))
    found = links.get("next")
    return found["href"] if isinstance(found, dict) else found


@pytest.mark.anyio
@pytest.mark.parametrize("members", [NULLABLE, ABSENT, HAL, FLAT])
@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ([], "limit=2"),
        ([SIZE, NUMBER], "page[size]=2&page[number]=1"),
        ([DEEP], "page%5Bsize%5D=2&page%5Bnumber%5D=1"),
        ([OFFSET], "offset=0&limit=2"),
        ([PAGE_LIMIT, PAGE_OFFSET], "page[limit]=2&page[offset]=0"),
        ([SIZE, PAGE_AFTER], "page[size]=2&page[after]="),
    ],
    ids=["cursor", "number", "object", "offset", "page[offset]", "page[after]"],
)
async def test_each_page_has_the_address_of_the_next(
    tmp_path: Path, members: str, parameters: list[str], query: str
) -> None:
    first = "- {name: cursor, in: query, schema: {type: string}}"
    lines = "\n        ".join([first, *(f"- {each}" for each in parameters)])
    contract = books("cursor", members).replace(first, lines)
    async with mocking(tmp_path, contract) as caller:
        for number in range(5):
            await caller.call("POST", "/books", {"title": "old" if number == 1 else "a new one"})
        target: str | None = f"/books?title=a%20new%20one&{query}"
        sizes, ids = [], []
        while target:
            page = (await caller.call("GET", target, headers={"host": "shop.example:81"})).body
            sizes.append(len(page["books"]))
            ids += [book["id"] for book in page["books"]]
            address = told(page)
            assert address is None or address.startswith("http://shop.example:81/books?title=a%20")
            target = address and address.removeprefix("http://shop.example:81")
        assert sizes == [2, 2]
        assert len(set(ids)) == 4
        is_null = "null" in members
        assert ("next" in page.get("links", page.get("_links", page))) is is_null


URI = "{type: string, format: uri}"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("members", "told"),
    [
        (f"links: {{type: object, properties: {{next: {URI}, prev: {URI}}}}}", {}),
        (f"_links: {{type: object, properties: {{next: {{properties: {{href: {URI}}}}}}}}}", {}),
        (f"paging: {{type: object, properties: {{next: {URI}, nextCursor: {URI}}}}}", {}),
        ("meta: {type: object, properties: {next_cursor: {type: string}}}", {}),
        (
            "links: {type: object, required: [next], properties: {next: {type: string}}}",
            {"next": ""},
        ),
    ],
)
async def test_a_last_page_leads_nowhere(tmp_path: Path, members: str, told: Any) -> None:
    name = members.partition(":")[0]
    contract = books("cursor", members).replace("required: [books]", f"required: [books, {name}]")
    async with mocking(tmp_path, contract) as caller:
        await caller.call("POST", "/books", {"title": "one"})
        assert (await caller.call("GET", "/books")).body[name] == told


@pytest.mark.anyio
async def test_an_object_that_needs_a_next_address_is_left_out_of_a_last_page(
    tmp_path: Path,
) -> None:
    members = f"links: {{type: object, required: [next], properties: {{next: {URI}}}}}"
    async with mocking(tmp_path, books("cursor", members)) as caller:
        await caller.call("POST", "/books", {"title": "one"})
        assert "links" not in (await caller.call("GET", "/books")).body


@pytest.mark.anyio
async def test_an_object_within_itself_is_told_to_a_depth(tmp_path: Path) -> None:
    meta = "meta: {$ref: '#/components/schemas/Meta'}"
    schema = f"    Meta: {{type: object, properties: {{hasMore: {{type: boolean}}, {meta}}}}}\n"
    contract = books("cursor", meta).replace("  schemas:\n", f"  schemas:\n{schema}")
    async with mocking(tmp_path, contract) as caller:
        body = (await caller.call("GET", "/books")).body
        assert body["meta"] == {"hasMore": False, "meta": {"hasMore": False}}


@pytest.mark.anyio
async def test_a_page_after_an_item_leads_on_by_a_cursor(tmp_path: Path) -> None:
    contract = books("starting_after", FLAT).replace(
        "- {name: limit", f"- {OFFSET}\n        - {{name: limit"
    )
    async with mocking(tmp_path, contract) as caller:
        for title in "abcd":
            await caller.call("POST", "/books", {"title": title})
        first = (await caller.call("GET", "/books?limit=1")).body["books"][0]["id"]
        target = f"/books?limit=2&offset=0&starting_after={first}"
        titles = []
        while target:
            page = (await caller.call("GET", target, headers={"host": "h"})).body
            titles += [book["title"] for book in page["books"]]
            target = (page["next"] or "").removeprefix("http://h")
    assert titles == ["b", "c", "d"]


@pytest.mark.anyio
async def test_the_number_in_an_object_may_count_from_zero(tmp_path: Path) -> None:
    number = DEEP.replace("number: {type: integer}", "number: {type: integer, minimum: 0}")
    contract = books("cursor", FLAT).replace(
        "- {name: limit", f"- {number}\n        - {{name: limit"
    )
    async with mocking(tmp_path, contract) as caller:
        for title in "abc":
            await caller.call("POST", "/books", {"title": title})
        page = (await caller.call("GET", "/books?page[size]=2&page[number]=0")).body
        assert page["next"].endswith("page%5Bnumber%5D=1")
        page = (await caller.call("GET", "/books?page[size]=2&page[number]=1")).body
        assert [book["title"] for book in page["books"]] == ["c"]


@pytest.mark.anyio
async def test_an_address_begins_as_people_reach_the_server(tmp_path: Path) -> None:
    public = "https://shop.example/api"
    async with mocking(tmp_path, books("cursor", FLAT), public_url=public) as caller:
        for title in "ab":
            await caller.call("POST", "/books", {"title": title})
        page = (await caller.call("GET", "/books?limit=1", headers={"host": "inner:80"})).body
        assert page["next"].startswith(f"{public}/books?limit=1&cursor=")


def test_an_address_keeps_all_that_was_sent_but_the_place() -> None:
    fields = [("q", "a+b%2Fc"), ("page", "2"), ("cursor", ""), ("page[size]", "9")]
    address = PageAddress("/x", fields, frozenset({"cursor"}), ["page"])
    assert address.at("page", "3") == "/x?q=a+b%2Fc&page%5Bsize%5D=9&page=3"
    assert (address.number, address.cursor) == ("page", None)
    assert address._replace(fields=[]).cursor == "cursor"
    assert PageAddress("/x", [], frozenset(), []).number is None


def test_an_address_has_no_sign_that_no_address_has() -> None:
    address = PageAddress("/x", [("q", 'a|b[1]^"100%2B%'), ("é", "\xc3\xa9")], frozenset(), [])
    assert address.at("page", "3") == "/x?q=a%7Cb%5B1%5D%5E%22100%2B%25&%C3%A9=%C3%A9&page=3"
