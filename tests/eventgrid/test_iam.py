"""Keys are read from an identity, and a scope is of their project."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.eventgrid import iam
from tallystick.apis.eventgrid.exceptions import BadValue
from tallystick.contract.exceptions import Forbidden


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("password", {"user": {"name": "AK", "password": "SK"}}),
        ("password", {"user": {"id": "AK", "name": None, "password": "SK"}}),
        ("hw_ak_sk", {"access": {"key": "AK"}, "secret": {"key": "SK"}}),
    ],
)
def test_each_method_names_a_key_and_its_secret(method: str, given: Any) -> None:
    assert iam.read_keys({"methods": [method], method: given}) == ("AK", "SK")


@pytest.mark.parametrize(
    ("identity", "missing"),
    [
        ({"methods": ["password"]}, r"auth\.identity\.password is missing"),
        ({"methods": ["hw_ak_sk"], "password": {}}, r"auth\.identity\.hw_ak_sk is missing"),
        (
            {"methods": ["password"], "password": {"user": {"password": "SK"}}},
            r"user\.name is missing",
        ),
    ],
)
def test_what_a_method_needs_must_be_there(identity: Any, missing: str) -> None:
    with pytest.raises(BadValue, match=missing):
        iam.read_keys(identity)


@pytest.mark.parametrize(
    "scope", [None, {}, {"project": None}, {"project": {"id": "p"}}, {"project": {"name": "r"}}]
)
def test_a_scope_of_the_key_s_project_is_taken(scope: Any) -> None:
    iam.refuse_other_project(scope, "p")


def test_a_scope_of_another_project_is_refused() -> None:
    with pytest.raises(Forbidden):
        iam.refuse_other_project({"project": {"id": "q"}}, "p")
