"""Words of a search find the items that have them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_runtime import mocking
from generic.books import books
from instruction_count import InstructionCount
from tallystick.apis.generic.free_text import MAX_TEXT, MAX_WORDS, read_search
from tallystick.contract.schema_shape import SchemaShape

TEXT = {"type": "string"}
ITEM = SchemaShape(
    {
        "type": "object",
        "properties": {
            "id": TEXT,
            "title": TEXT,
            "size": {"type": "integer"},
            "tags": {"type": "array", "items": {"type": "object"}},
            "secret": {**TEXT, "writeOnly": True},
        },
    },
    {},
)
SHOES = {"title": "Red Shoes", "size": 42, "tags": [{"name": "sale"}], "secret": "s3"}
SHOES |= {"id": "0a3fabcd-0000-4000-8000-000000000001"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shoes red", True),
        ("SHOE* AND 42", True),
        ('"red shoes" sale', True),
        ('"shoes red"', False),
        ("red hat", False),
        ("s3", False),
        ("title", False),
        ("4", False),
        ("abcd", False),
        ("0A3FABCD-0000-4000-8000-000000000001", True),
    ],
)
@pytest.mark.parametrize("name", ["q", "$search", "search_term"])
def test_an_item_has_each_word_in_its_texts_and_numbers(
    name: str, text: str, expected: bool
) -> None:
    found = read_search(name, text, ITEM)
    assert found
    assert found.takes(SHOES) is expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "*",
            "is:open",
            "-red",
            "red OR blue",
            "mood gt 5",
            "(red)",
            "a=b",
            'red "shoes',
        ),
        "x " * (MAX_TEXT // 2 + 1),
        "x " * (MAX_WORDS + 1),
    ],
)
def test_a_text_of_a_language_or_a_long_one_is_left_alone(text: str) -> None:
    assert read_search("q", text, ITEM) is None


def test_another_parameter_is_no_search() -> None:
    assert read_search("colour", "red", ITEM) is None


def test_a_long_item_is_looked_at_once() -> None:
    found = read_search("q", "no such words", ITEM)
    assert found
    count = InstructionCount()
    with count.taken():
        assert not found.takes({"tags": [{"name": "sale"}] * 1_000})
    assert count.instructions < 200_000


@pytest.mark.anyio
async def test_a_list_is_searched_page_by_page(tmp_path: Path) -> None:
    contract = books("cursor", "next_cursor: {type: string}")
    contract = contract.replace("name: title, in: query", "name: q, in: query")
    async with mocking(tmp_path, contract) as caller:
        for title in ("The Sea", "A Hill", "the sea again", "Deep Sea"):
            await caller.call("POST", "/books", {"title": title})
        first = (await caller.call("GET", "/books?q=the+sea&limit=1")).body
        rest = (await caller.call("GET", f"/books?q=the+sea&cursor={first['next_cursor']}")).body
        titles = [book["title"] for book in first["books"] + rest["books"]]
        assert titles == ["The Sea", "the sea again"]
