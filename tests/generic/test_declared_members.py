"""The members of a schema are those of all its forms."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.declared_members import declared_members


def having(*names: str, **keywords: Any) -> dict[str, Any]:
    return {"properties": {name: {} for name in names}, **keywords}


CONTENT = {
    "Card": having("id", "digits"),
    "Bank": {"allOf": [{"$ref": "#/Base"}, having("iban")]},
    "Base": having("id"),
    "Tree": {"anyOf": [{"$ref": "#/Tree"}, having("leaf")]},
}
CARD, BANK, TREE = ({"$ref": f"#/{name}"} for name in ("Card", "Bank", "Tree"))


def around(schema: Any) -> dict[str, Any]:
    return {"properties": {"data": schema}}


@pytest.mark.parametrize(
    ("schema", "place", "expected"),
    [
        ({"oneOf": [CARD, BANK]}, (), {"id", "digits", "iban"}),
        (around({"oneOf": [CARD, BANK]}), ("data",), {"id", "digits", "iban"}),
        ({"oneOf": [around(CARD), around(BANK)]}, ("data",), {"id", "digits", "iban"}),
        ({"oneOf": [having("a"), {"oneOf": [having("b"), having("c")]}]}, (), {"a", "b", "c"}),
        ({"oneOf": [having(str(number)) for number in range(20)]}, (), set(map(str, range(20)))),
        (
            {"anyOf": [CARD], "discriminator": {"propertyName": "kind"}},
            (),
            {"id", "digits", "kind"},
        ),
        (TREE, (), {"leaf"}),
        (around(CARD), (), {"data"}),
    ],
)
def test_the_members_of_each_form_are_declared(
    schema: Any, place: tuple[str, ...], expected: set[str]
) -> None:
    found = declared_members(schema, place, CONTENT)
    assert found.names == expected
    assert not found.takes_all


@pytest.mark.parametrize(
    ("schema", "takes_all"),
    [
        ({}, True),
        (True, True),
        ({"type": "object"}, True),
        (having("a"), False),
        (having("a", additionalProperties=False), False),
        (having("a", additionalProperties={}), True),
        ({"oneOf": [having("a"), having("b", additionalProperties=True)]}, True),
    ],
)
def test_an_object_of_no_known_members_takes_all(schema: Any, takes_all: bool) -> None:
    assert declared_members(schema, (), CONTENT).takes_all is takes_all
