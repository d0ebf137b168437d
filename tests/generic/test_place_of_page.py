"""A page of a list tells its place, whether the list tells how many items it has or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_runtime import ContractCaller, mocking
from generic.books import books

pytestmark = pytest.mark.anyio

_SPRING = """
                  number: {type: integer}
                  numberOfElements: {type: integer}
                  first: {type: boolean}
                  last: {type: boolean}
                  empty: {type: boolean}
                  next: {type: string}"""
_PARAMETER = "{name: WAY, in: query, schema: {type: string}}"
_FROM_0 = _PARAMETER.replace("type: string", "type: integer, default: 0")
_FILTERS = pytest.mark.parametrize("filters", ["", "&title=new"])


def spring(way: str, parameter: str = _PARAMETER) -> str:
    """Return a contract whose list has Spring's members, in pages by a parameter."""
    return books("WAY", _SPRING).replace(_PARAMETER, parameter).replace("WAY", way)


async def put_books(caller: ContractCaller) -> None:
    for _ in range(3):
        await caller.call("POST", "/books", {"title": "new"})


def place(page: dict[str, Any]) -> list[Any]:
    names = ("number", "numberOfElements", "first", "last", "empty")
    return [page[name] for name in names]


@_FILTERS
@pytest.mark.parametrize(("way", "places"), [("page", (0, 1, 2)), ("offset", (0, 2, 4))])
async def test_a_numbered_page_tells_its_place(
    tmp_path: Path, way: str, places: tuple[int, ...], filters: str
) -> None:
    async with mocking(tmp_path, spring(way, _FROM_0)) as caller:
        await put_books(caller)
        target = f"/books?limit=2{filters}&{way}="
        pages = [(await caller.call("GET", f"{target}{each}")).body for each in places]
    assert len({book["id"] for page in pages for book in page["books"]}) == 3
    first = pages[0]["number"]
    assert [place(page) for page in pages] == [
        [first, 2, True, False, False],
        [first + 1, 1, False, True, False],
        [first + 2, 0, False, True, True],
    ]
    assert first == (0 if way == "page" else 1)


@_FILTERS
async def test_a_page_by_a_cursor_tells_its_place(tmp_path: Path, filters: str) -> None:
    async with mocking(tmp_path, spring("cursor")) as caller:
        await put_books(caller)
        first = (await caller.call("GET", f"/books?limit=2{filters}")).body
        target = f"/books?limit=2{filters}&cursor={first['next']}"
        second = (await caller.call("GET", target)).body
    assert [place(page) for page in (first, second)] == [
        [1, 2, True, False, False],
        [2, 1, False, True, False],
    ]


@_FILTERS
async def test_a_page_before_an_item_tells_its_place(tmp_path: Path, filters: str) -> None:
    both = f"{_PARAMETER}\n        - {{name: ending_before, in: query, schema: {{type: string}}}}"
    async with mocking(tmp_path, spring("cursor", both)) as caller:
        await put_books(caller)
        books = (await caller.call("GET", "/books")).body["books"]
        target = f"/books?limit=1{filters}&ending_before={books[2]['id']}"
        page = (await caller.call("GET", target)).body
        after = (await caller.call("GET", f"/books?cursor={page['next']}")).body
    assert page["books"] == books[1:2]
    assert place(page) == [2, 1, False, False, False]
    assert after["books"] == books[2:]
