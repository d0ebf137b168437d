"""The pages of a sorted list have each item once, however they lead on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from contract_runtime import ContractCaller, mocking
from generic.books import books
from tallystick.apis.generic import resource_store, sorted_page

pytestmark = pytest.mark.anyio

NAMES = ["cursor", "page", "ending_before", "offset"]
TITLES = "ecadbca"


@pytest.fixture
async def shop(tmp_path: Any) -> AsyncIterator[ContractCaller]:
    last = "        - {name: title, in: query, schema: {type: string}}\n"
    more = "".join(last.replace("title", name) for name in ("sort", "order", *NAMES[1:]))
    contract = books("cursor", "next_cursor: {type: string}\n                  total: {}")
    async with mocking(tmp_path, contract.replace(last, last + more)) as caller:
        for title in TITLES:
            await caller.call("POST", "/books", {"title": title})
        yield caller


async def page_of(caller: ContractCaller, query: str) -> Any:
    said = await caller.call("GET", f"/books?{query}")
    assert said.status == 200
    return said.body


def titles(page: Any) -> str:
    return "".join(book["title"] for book in page["books"])


async def test_a_cursor_leads_on_in_the_order_also_alone_and_past_deleted_items(
    shop: ContractCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource_store, "SLICE", 2)
    found, query = [], "sort=-title&limit=2"
    while query:
        page = await page_of(shop, query)
        found += page["books"]
        for book in page["books"]:
            await shop.call("DELETE", f"/books/{book['id']}")
        query = f"cursor={page['next_cursor']}" if "next_cursor" in page else ""
    assert titles({"books": found}) == "edccbaa"
    assert len({book["id"] for book in found}) == len(TITLES)


Lead = Callable[[int, list[Any]], str]


@pytest.mark.parametrize(
    "lead",
    [
        lambda number, _: f"page={number + 1}",
        lambda number, _: f"offset={number * 2}",
        lambda _, seen: f"cursor={seen[-1]['id']}" if seen else "",
    ],
)
async def test_pages_by_numbers_and_ids_are_of_the_sorted_list(
    shop: ContractCaller, lead: Lead
) -> None:
    seen: list[Any] = []
    for number in range(4):
        page = await page_of(shop, f"sort=title&limit=2&{lead(number, seen)}")
        assert page["total"] == len(TITLES)
        seen += page["books"]
    assert titles({"books": seen}) == "aabccde"


async def test_the_page_before_an_item_is_in_the_order(shop: ContractCaller) -> None:
    whole = (await page_of(shop, "sort=title"))["books"]
    page = await page_of(shop, f"sort=title&limit=2&ending_before={whole[4]['id']}")
    assert page["books"] == whole[2:4]


async def test_the_newest_go_first_also_past_a_deleted_one(shop: ContractCaller) -> None:
    first = (await page_of(shop, "order=desc&limit=2"))["books"]
    await shop.call("DELETE", f"/books/{first[-1]['id']}")
    rest = await page_of(shop, f"order=desc&cursor={first[-1]['id']}")
    assert titles({"books": first}) + titles(rest) == TITLES[::-1]


async def test_a_deleted_item_has_no_place_in_an_order_by_its_members(
    shop: ContractCaller,
) -> None:
    [book] = (await page_of(shop, "limit=1"))["books"]
    await shop.call("DELETE", f"/books/{book['id']}")
    refused = await shop.call("GET", f"/books?sort=title&cursor={book['id']}")
    told = "cursor names a deleted item, so it has no place in this order"
    assert (refused.status, refused.body["detail"]) == (400, told)


async def test_an_unknown_member_leaves_the_list_as_it_is(shop: ContractCaller) -> None:
    assert titles(await page_of(shop, "sort=title,mood")) == TITLES


async def test_a_filter_goes_with_an_order(shop: ContractCaller) -> None:
    assert titles(await page_of(shop, "sort=title&title=a")) == "aa"


async def test_a_page_far_behind_the_start_of_a_long_list_is_refused(
    shop: ContractCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorted_page, "MOST_SORTED", 3)
    assert titles(await page_of(shop, "sort=title&limit=2")) == "aa"
    refused = await shop.call("GET", "/books?sort=title&limit=2&page=2")
    assert (refused.status, refused.body["violations"][0]["name"]) == (400, "page")


async def test_a_page_of_long_items_leads_on_in_the_order(
    shop: ContractCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource_store, "PAGE_BYTES", 10)
    found, query = "", "sort=title"
    for _ in TITLES:
        page = await page_of(shop, query)
        found += titles(page)
        query = f"cursor={page.get('next_cursor')}"
    assert found == "aabccde"
