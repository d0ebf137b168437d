"""Parameters are typed as the contract says, and judged together."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import Invalid
from tallystick.contract.parameters import Parameters

LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 9}}
OPEN = {"name": "is-open", "in": "query", "schema": {"type": "boolean"}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 3}}
LEVEL = {"name": "X-Level", "in": "header", "schema": {"type": "integer", "maximum": 5}}


def parameters(*declared: Any, everything: bool = False) -> Parameters:
    return Parameters(declared, {}, {}, everything)


def test_values_are_typed_and_named_as_python_names_them() -> None:
    read = parameters(LIMIT, OPEN).read_arguments(b"limit=12&is-open=true", (), {})
    assert read == {"limit": 12, "is_open": True}


def test_a_default_stands_for_a_parameter_that_is_absent() -> None:
    assert parameters(LIMIT).read_arguments(b"", (), {}) == {"limit": 9}


@pytest.mark.parametrize("text", [b"012", b"+1", b"1.0", b"0x1", b"", b"True"])
def test_a_number_is_spelled_as_json_spells_it(text: bytes) -> None:
    with pytest.raises(Invalid):
        parameters(LIMIT).read_arguments(b"limit=" + text, (), {})


def test_every_violation_is_told_with_its_place() -> None:
    with pytest.raises(Invalid) as caught:
        parameters(LIMIT, ID, LEVEL).read_arguments(b"limit=a", ("long",), {b"x-level": b"6"})
    found = {(v.where, v.name, v.keyword) for v in caught.value.violations}
    assert found == {
        ("query", "limit", "type"),
        ("path", "id", "maxLength"),
        ("header", "X-Level", "maximum"),
    }


def test_a_parameter_that_is_not_declared_is_passed_only_to_who_takes_everything() -> None:
    assert parameters(LIMIT).read_arguments(b"limit=1&more=2", (), {}) == {"limit": 1}
    assert parameters(LIMIT, everything=True).read_arguments(b"limit=1&more=2", (), {}) == {
        "limit": 1,
        "more": "2",
    }


def test_two_parameters_of_one_name_are_no_contract() -> None:
    with pytest.raises(ContractError, match="two parameters of one name"):
        parameters(LIMIT, {**LIMIT, "in": "header"})
