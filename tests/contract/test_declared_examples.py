"""Wherever a contract has an example of a parameter or a header, it is found."""

from __future__ import annotations

from tallystick.contract.declared_examples import declared_examples


def test_its_own_examples_go_before_those_of_its_schema() -> None:
    node = {"example": 1, "examples": {"one": {"value": 2}, "far": {"externalValue": "/three"}}}
    assert [*declared_examples(node, {"example": 4, "examples": [5, 6]})] == [1, 2, 4, 5, 6]


def test_there_may_be_none() -> None:
    assert [*declared_examples({}, {"examples": {"no": "list"}})] == []
