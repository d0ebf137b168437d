"""The id of a new item keeps the schemas of its member and of the path's parameter."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tallystick.apis.generic.new_id import draw_id, id_rules
from tallystick.contract.schema_shape import SchemaShape
from tallystick.contract.schema_values import SchemaValues

VALUES = SchemaValues({}, {})
TEXT = {"type": "string"}
INTEGER = {"type": "integer"}
UUID = "[0-9a-f-]{36}"
TWO_TYPES = {"type": ["integer", "string"]}


def rules(member: Any, path: Any) -> Any:
    return id_rules(VALUES, SchemaShape(member, {}), SchemaShape(path, {}))


@pytest.mark.parametrize(
    ("member", "path", "written"),
    [
        (INTEGER, TEXT, 7),
        (INTEGER, INTEGER, 7),
        (TEXT, INTEGER, "7"),
        ({"type": "string", "pattern": "^[0-9]+$"}, {"type": ["integer", "null"]}, "7"),
        (TEXT, {"type": ["integer", "string"]}, None),
        ({}, INTEGER, 7),
    ],
)
def test_an_id_counts_where_its_member_or_the_path_has_numbers(
    member: Any, path: Any, written: Any
) -> None:
    found = rules(member, path)
    assert found.counts == (written is not None)
    assert written is None or found.written(7) == written


@pytest.mark.parametrize(
    ("member", "path", "expected"),
    [
        (TEXT, TEXT, UUID),
        (TEXT, {}, UUID),
        (TEXT, TWO_TYPES, UUID),
        ({"type": "string", "pattern": "^.+$"}, TEXT, UUID),
        ({"type": "string", "format": "uuid"}, INTEGER, UUID),
        ({"type": "string", "maxLength": 30}, TEXT, "[0-9a-f]{30}"),
        ({"type": "string", "maxLength": 30}, {"type": "string", "maxLength": 9}, "[0-9a-f]{9}"),
        (TEXT, {"type": "string", "pattern": "^upl_[a-z]{9}$"}, "upl_[a-z]{9}"),
        ({"type": "string", "pattern": "^upl_[a-z]{9}$"}, TEXT, "upl_[a-z]{9}"),
        ({"type": "string", "minLength": 40}, TEXT, "[a-z]{40}"),
    ],
)
def test_an_id_is_a_uuid_or_is_drawn_by_its_rules(member: Any, path: Any, expected: str) -> None:
    found = rules(member, path)
    assert not found.counts
    drawn = {draw_id(VALUES, found) for _ in range(50)}
    assert len(drawn) == 50
    assert all(re.fullmatch(expected, each) for each in drawn), drawn
