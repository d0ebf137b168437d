"""A list in pages by a cursor has each item once, and its last page leads to no other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contract_runtime import ContractCaller, mocking
from generic.books import books

pytestmark = pytest.mark.anyio

WAYS = {
    "null at the end": ("cursor", "next_cursor: {type: [string, 'null']}", ["next_cursor"]),
    "absent at the end": ("pageToken", "nextPageToken: {type: string}", ["nextPageToken"]),
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


async def test_an_unknown_cursor_is_the_first_page(
    shop: tuple[ContractCaller, str, list[str]],
) -> None:
    caller, name, _ = shop
    assert len((await caller.call("GET", f"/books?{name}=elsewhere&limit=2")).body["books"]) == 2


async def test_an_address_of_the_next_page_is_no_cursor(tmp_path: Path) -> None:
    member = "next: {type: string, format: uri}"
    async with mocking(tmp_path, books("cursor", member)) as caller:
        for _ in range(2):
            await caller.call("POST", "/books", {"title": "x"})
        assert (await caller.call("GET", "/books?limit=1")).body.get("next") != "1-1"


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
