"""A filter may be an expression, as OData, SCIM and others write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_runtime import mocking
from generic.books import books
from tallystick.apis.generic.filter_expression import MAX_DEPTH, MAX_TOKENS, read_expression
from tallystick.contract.schema_shape import SchemaShape

TEXT = {"type": "string"}
EMAIL = {"type": "object", "properties": {"value": TEXT, "type": TEXT, "primary": {}}}
NAME = {"type": "object", "properties": {"familyName": TEXT}}
SHAPE = SchemaShape(
    {
        "type": "object",
        "properties": {
            "userName": TEXT,
            "name": NAME,
            "emails": {"type": "array", "items": EMAIL},
            "price": {"type": "number"},
            "active": {"type": "boolean"},
            "at": {"type": "string", "format": "date-time"},
            "tags": {"type": "array", "items": TEXT},
        },
    },
    {},
)
ITEM = {
    "userName": "O'Neil",
    "name": {"familyName": "Neil"},
    "emails": [
        {"value": "a@x.example", "type": "work", "primary": True},
        {"value": "b@x.example", "type": "home"},
    ],
    "price": 4.5,
    "active": True,
    "at": "2026-01-31T08:00:00Z",
    "tags": ["new", "old"],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('userName eq "O\'Neil"', True),
        ("userName eq 'O''Neil'", True),
        ("username EQ 'x'", False),
        ("userName ne 'x'", True),
        ("name.familyName sw 'ne'", True),
        ("name/familyName eq 'Neil'", True),
        ('emails[type eq "work" and primary eq true].value eq "x"', None),
        ('emails[type eq "work" and value co "a@"]', True),
        ('emails[type eq "home" and value co "a@"]', False),
        ('emails.value eq "b@x.example"', True),
        ("price gt 4 and price lt 5", True),
        ("price > 5 OR active = true", True),
        ("price ge 4.5 and not (active eq true)", False),
        ("at gt 2026-01-31T08:30:00+01:00", True),
        ("at lt 2026-01-31T07:00:00Z", False),
        ("contains(userName,'neil') and endswith(userName,'x')", False),
        ("startswith(userName,'O')", True),
        ("tags:new price:4.5", True),
        ("tags ne 'new'", False),
        ("name pr and tags pr", True),
        ('userName != "x" AND (price=4.5 OR price=9)', True),
        ("missing eq 'x'", None),
        ("free words", None),
        ("userName", None),
        ("userName eq", None),
        ("(userName eq 'x'", None),
        ("userName eq 'x')", None),
        ("userName eq 'x", None),
        ("userName is 'x'", None),
        ('{"userName": "x"}', None),
        ("", None),
        ("(" * (MAX_DEPTH + 2) + "price gt 1" + ")" * (MAX_DEPTH + 2), None),
        ("not " * 5_000 + "price gt 1", None),
        ("price gt 1 " * MAX_TOKENS, None),
    ],
)
def test_an_expression_tells_the_items_that_it_holds_for(text: str, expected: bool | None) -> None:
    found = read_expression("$filter", text, SHAPE)
    assert (found and found.takes(ITEM)) is expected


def test_an_item_without_a_member_is_another_one() -> None:
    for text, expected in [("price gt 1", False), ("price ne 1", True), ("price eq null", True)]:
        found = read_expression("filter", text, SHAPE)
        assert found is not None
        assert found.takes({}) is expected


def test_a_parameter_of_another_name_is_no_expression() -> None:
    assert read_expression("comment", "price gt 1", SHAPE) is None
    assert read_expression("filter", 5, SHAPE) is None


@pytest.mark.anyio
async def test_a_list_has_the_items_of_an_expression(tmp_path: Path) -> None:
    title = "- {name: title, in: query"
    contract = books("cursor", "total: {type: integer}").replace(
        title, f"- {{name: filter, in: query, schema: {{type: string}}}}\n        {title}"
    )

    async with mocking(tmp_path, contract) as caller:

        async def titles(query: str) -> Any:
            body = (await caller.call("GET", f"/books?{query}")).body
            assert body["total"] >= len(body["books"])
            return [each["title"] for each in body["books"]]

        for name in ("one", "two", "three"):
            await caller.call("POST", "/books", {"title": name})
        assert await titles("filter=title+eq+'two'") == ["two"]
        assert await titles("filter=title%20sw%20%22t%22&limit=1") == ["two"]
        assert await titles("filter=whatever") == ["one", "two", "three"]
