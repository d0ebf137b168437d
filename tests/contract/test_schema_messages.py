"""A broken rule is told in words."""

from __future__ import annotations

import pytest

from tallystick.contract.schema import MAX_HINTS, Schema
from tallystick.contract.schema_messages import MAX_HINTED, unknown_name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("operaton", "is not known here: near it is operation"),
        ("zzz", "is not known here"),
        ("operation" * MAX_HINTED, "is not known here"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_known_one(name: str, said: str) -> None:
    assert unknown_name(name, ["operation", "api"]) == said


def test_only_some_of_many_unknown_names_are_told_with_a_near_one() -> None:
    schema = Schema({"properties": {"name": {}}, "additionalProperties": False}, {})
    found = schema.violations({f"name{number}": 1 for number in range(MAX_HINTS + 5)})
    hinted = [violation for violation in found if "near it is name" in violation.message]
    assert (len(found), len(hinted)) == (MAX_HINTS + 5, MAX_HINTS)


@pytest.mark.parametrize(("limit", "said"), [(40.0, "40"), (0.5, "0.5"), (10**18, str(10**18))])
def test_a_whole_number_is_told_without_its_fraction(limit: float, said: str) -> None:
    [violation] = Schema({"maximum": limit}, {}).violations(2 * limit)
    assert violation.message == f"must be at most {said}"
