"""A rule is for requests that match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tallystick.mock.client import Tallystick

Create = Callable[..., requests.Response]


@pytest.mark.parametrize(
    ("match", "members", "is_met"),
    [
        ({"body": {"$.cl": "EDF"}}, {}, True),
        ({"body": {"$.cl": "ENI"}}, {}, False),
        ({"body": {"$.cl": {"$regex": "^E"}}}, {}, True),
        ({"body": {"$.im": {"$exists": False}}}, {}, True),
        ({"body": {"$.im": {"$exists": False}}}, {"im": "MAJOR"}, False),
        ({"body": {"$[?@.a == 1].b": 2}}, {"us_x": "y"}, False),
        ({"header": {"X-API-Key": {"$exists": True}}}, {}, True),
        ({"query": {"cl": "EDF"}}, {}, False),
    ],
)
def test_a_rule_is_for_requests_that_match(
    mock: Tallystick, create: Create, match: Any, members: Any, is_met: bool
) -> None:
    mock.rule(operation="createEvent", match=match, answer={"code": 503})

    assert (create(**members).status_code == 503) is is_met


def test_no_expression_takes_for_ever(mock: Tallystick, create: Create) -> None:
    mock.rule(
        operation="createEvent", match={"body": {"$.me": {"$regex": "^(a+)+$"}}}, fault="reset"
    )

    assert create(me="a" * 250 + "!").elapsed.total_seconds() < 2
