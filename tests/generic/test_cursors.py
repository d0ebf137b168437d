"""A list in pages by a cursor has each item once, and its last page leads to no other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from contract_runtime import ContractCaller, mocking
from generic.books import books
from tallystick.apis.generic import resource_store
from tallystick.apis.generic.resource_store import PAGE_BYTES

pytestmark = pytest.mark.anyio

WAYS = {
    "null at the end": ("cursor", "next_cursor: {type: [string, 'null']}", ["next_cursor"]),
    "absent at the end": ("pageToken", "nextPageToken: {type: string}", ["nextPageToken"]),
    "by the parameter's name": ("cursor", "cursor: {type: string}", ["cursor"]),
    "within another": (
        "after",
        "paging: {type: object, required: [next], properties: {next: {type: string}}}",
        ["paging", "next"],
    ),
}


@pytest.fixture(params=WAYS)
async def shop(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[ContractCaller, str, list[str]]]:
    cursor, members, place = WAYS[request.param]
    async with mocking(tmp_path, books(cursor, members)) as caller:
        for number in range(5):
            await caller.call("POST", "/books", {"title": "old" if number % 2 else "new"})
        yield caller, cursor, place


def told(body: Any, place: list[str]) -> Any:
    for name in place:
        body = body.get(name, {}) if name != place[-1] else body.get(name)
    return body


@pytest.mark.parametrize(("query", "sizes"), [("limit=2", [2, 2, 1]), ("title=new", [3])])
async def test_each_page_leads_to_the_next_and_the_last_to_none(
    shop: tuple[ContractCaller, str, list[str]], query: str, sizes: list[int]
) -> None:
    caller, name, place = shop
    found, ids = [], []
    target: str | None = f"/books?{query}"
    while target:
        page = (await caller.call("GET", target)).body
        found.append(len(page["books"]))
        ids += [book["id"] for book in page["books"]]
        cursor = told(page, place)
        target = f"/books?{name}={cursor}" if cursor else None  # it may stand alone
    assert found == sizes
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("other", ["next_cursor", "nextLink"])
async def test_a_cursor_beside_one_of_the_next_page_is_another(tmp_path: Path, other: str) -> None:
    members = f"cursor: {{type: string}}\n                  {other}: {{type: string}}"
    async with mocking(tmp_path, books("cursor", members)) as caller:
        for _ in range(2):
            await caller.call("POST", "/books", {"title": "x"})
        page = (await caller.call("GET", "/books?limit=1")).body
        assert page[other]
        assert "cursor" not in page


@pytest.mark.parametrize("query", ["limit=2", "limit=2&title=new"])
async def test_one_who_deletes_each_page_sees_every_item_once(
    shop: tuple[ContractCaller, str, list[str]], query: str
) -> None:
    caller, name, place = shop
    wanted = [book["id"] for book in await listed(caller, query.replace("limit=2", "limit=9"))]
    ids, cursor = [], "&"
    while cursor:
        page = (await caller.call("GET", f"/books?{query}{cursor}")).body
        for book in page["books"]:
            ids.append(book["id"])
            assert (await caller.call("DELETE", f"/books/{book['id']}")).status == 204
        cursor = f"&{name}={told(page, place)}" if told(page, place) else ""
    assert (ids, len(ids)) == (wanted, 3 if "title" in query else 5)


@pytest.mark.parametrize("known", ["0", "", "*"])
async def test_a_cursor_without_a_place_is_the_first_page(tmp_path: Path, known: str) -> None:
    async with id_shop(tmp_path, "{type: string, default: '*'}") as caller:
        assert len(await listed(caller, f"cursor={known}")) == 3


async def test_a_cursor_that_names_nothing_is_refused(
    shop: tuple[ContractCaller, str, list[str]],
) -> None:
    caller, name, place = shop
    told_one = str(told((await caller.call("GET", "/books?limit=1")).body, place))
    for wrong in ("elsewhere", "2-2", told_one[:-1], told_one.swapcase()):
        said = await caller.call("GET", f"/books?{name}={wrong}&limit=2")
        assert said.status == 400
        assert said.body["detail"] == f"{name} names no item of this list, and no page"


@pytest.mark.parametrize("limit", [1, 2])
async def test_any_id_is_a_place_also_once_it_is_deleted(tmp_path: Path, limit: int) -> None:
    async with id_shop(tmp_path) as caller:
        ids, after = [], ""
        while page := await listed(caller, f"limit={limit}{after}"):
            ids += [book["id"] for book in page]
            after = f"&cursor={ids[-1]}"
            assert (await caller.call("DELETE", f"/books/{ids[-1]}")).status == 204
        assert ids == IDS


async def test_a_time_is_no_cursor(tmp_path: Path) -> None:
    async with id_shop(tmp_path, "{type: string, format: date-time}") as caller:
        assert len(await listed(caller, "cursor=2026-11-27T00:00:00Z")) == 3


@pytest.mark.parametrize(
    "declared",
    [
        "{type: string}, example: since-may",
        "{type: string}, examples: {one: {value: since-june}, two: {value: since-may}}",
        "{type: string, example: since-may}",
        "{type: string, examples: [since-june, since-may]}",
    ],
)
async def test_an_example_of_a_cursor_is_the_first_page(tmp_path: Path, declared: str) -> None:
    async with id_shop(tmp_path, declared) as caller:
        assert len(await listed(caller, "cursor=since-may")) == 3
        assert (await caller.call("GET", "/books?cursor=since-july")).status == 400


async def test_an_example_that_is_an_id_is_a_place(tmp_path: Path) -> None:
    async with id_shop(tmp_path, f"{{type: string, example: {IDS[0]}}}") as caller:
        assert len(await listed(caller, f"cursor={IDS[0]}")) == 2


IDS = ["2026-11", "1-1", "x" * 32]


@asynccontextmanager
async def id_shop(folder: Path, schema: str = "{type: string}") -> AsyncIterator[ContractCaller]:
    """Mock books whose ids are the callers', with a schema of the cursor, and what follows it."""
    contract = books("cursor", "more: {type: boolean}").replace("readOnly: true", "maxLength: 99")
    name = "{name: cursor, in: query, schema: "
    contract = contract.replace(f"{name}{{type: string}}", name + schema)
    async with mocking(folder, contract) as caller:
        for id_ in IDS:
            made = await caller.call("POST", "/books", {"id": id_, "title": "x"})
            assert made.body["id"] == id_
        yield caller


async def listed(caller: ContractCaller, query: str) -> list[Any]:
    found: list[Any] = (await caller.call("GET", f"/books?{query}")).body["books"]
    return found


async def test_an_address_of_the_next_page_is_no_cursor(tmp_path: Path) -> None:
    member = "next: {type: string, format: uri}"
    async with mocking(tmp_path, books("cursor", member)) as caller:
        for _ in range(2):
            await caller.call("POST", "/books", {"title": "x"})
        told_one = (await caller.call("GET", "/books?limit=1")).body.get("next", "")
        assert (await caller.call("GET", f"/books?cursor={told_one or 'x'}")).status == 400


@pytest.mark.parametrize(
    ("taken", "status"), [("'409': {description: Taken.}", 409), ("'400': {description: No.}", 201)]
)
async def test_an_id_by_a_pattern_is_drawn_until_one_is_free(
    tmp_path: Path, taken: str, status: int
) -> None:
    members = "more: {type: boolean}"
    async with mocking(tmp_path, books("cursor", members, taken)) as caller:
        made = [await caller.call("POST", "/books", {"title": "x"}) for _ in range(3)]
        assert {each.body["id"] for each in made[:2]} == {"a", "b"}
        assert made[2].status == status


LONG = "x" * (PAGE_BYTES // 10)


async def test_a_page_of_long_items_leads_to_the_others(
    shop: tuple[ContractCaller, str, list[str]],
) -> None:
    caller, name, place = shop
    for _ in range(10):
        await caller.call("POST", "/books", {"title": LONG})
    first = (await caller.call("GET", "/books")).body
    second = (await caller.call("GET", f"/books?{name}={told(first, place)}")).body
    ids = [book["id"] for book in [*first["books"], *second["books"]]]
    assert len(set(ids)) == 15
    assert first["books"]
    assert second["books"]


async def test_an_item_longer_than_a_page_leads_to_those_that_match_as_it_does(
    shop: tuple[ContractCaller, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource_store, "PAGE_BYTES", 10)
    monkeypatch.setattr(resource_store, "SLICE", 1)
    caller, name, place = shop
    ids, cursor = set(), ""
    for _ in range(3):
        page = (await caller.call("GET", f"/books?title=new&{name}={cursor}")).body
        ids |= {book["id"] for book in page["books"]}
        cursor = told(page, place)
        assert bool(cursor) is (len(ids) < 3)
    assert len(ids) == 3


@asynccontextmanager
async def long_shop(
    folder: Path, *parameters: str, member: str = "size"
) -> AsyncIterator[ContractCaller]:
    """Mock a list with these parameters, whose items have more than a page takes."""
    title = "        title: {type: string}\n"
    contract = books("CURSOR", "next: {type: string}").replace(
        title, f"{title}        {member}: {{type: integer}}\n"
    )
    old = "        - {name: CURSOR, in: query, schema: {type: string}}\n"
    old += "        - {name: limit, in: query, schema: {type: integer, minimum: 1}}\n"
    assert old in contract
    new = (
        f"        - {{name: {each}, in: query, schema: {{type: {TYPES[each]}}}}}\n"
        for each in parameters
    )
    async with mocking(folder, contract.replace(old, "".join(new))) as caller:
        for _ in range(11):
            await caller.call("POST", "/books", {"title": LONG})
        yield caller


TYPES = {
    "per_page": "integer",
    "page": "integer, default: 1",
    "offset": "integer",
    "cursor": "string",
}


async def test_long_items_in_numbered_pages_are_asked_for_in_smaller_ones(tmp_path: Path) -> None:
    async with long_shop(tmp_path, "page", "per_page") as caller:
        refused = await caller.call("GET", "/books")
        told = "per_page asks for over 8388608 bytes of items: ask for fewer"
        assert (refused.status, refused.body["detail"]) == (400, told)
        pages = [await caller.call("GET", f"/books?per_page=6&page={page}") for page in (1, 2)]
        assert [len(page.body["books"]) for page in pages] == [6, 5]


async def test_long_items_in_pages_without_a_limit_are_refused_by_the_page(tmp_path: Path) -> None:
    async with long_shop(tmp_path, "page") as caller:
        refused = await caller.call("GET", "/books?page=1")
        told = "page asks for over 8388608 bytes of items: the contract has no parameter for fewer"
        assert (refused.status, refused.body["detail"]) == (400, told)


@pytest.mark.parametrize("number", ["page", "offset"])
async def test_a_cursor_leads_on_from_long_items_also_beside_numbers(
    tmp_path: Path, number: str
) -> None:
    async with long_shop(tmp_path, "cursor", number, "per_page") as caller:
        first = (await caller.call("GET", "/books")).body
        second = (await caller.call("GET", f"/books?cursor={first['next']}")).body
        assert len(first["books"]) + len(second["books"]) == 11
        assert (await caller.call("GET", f"/books?{number}=1")).status == 400


async def test_a_parameter_that_filters_by_a_member_numbers_no_page(tmp_path: Path) -> None:
    async with long_shop(tmp_path, "page", "per_page", member="page") as caller:
        assert len((await caller.call("GET", "/books?per_page=20")).body["books"]) < 11
    async with long_shop(tmp_path, "page", "per_page", member="per_page") as caller:
        refused = await caller.call("GET", "/books")
        assert refused.body["violations"][0]["name"] == "page"
