"""Rules say what happens to which requests, how often and how likely."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tallystick.mock.client import MockRefused, Tallystick

Create = Callable[..., requests.Response]


def test_a_rule_is_followed_so_often_and_no_more(mock: Tallystick, create: Create) -> None:
    mock.fail_next("createEvent", times=2)

    assert [create().status_code for _ in range(3)] == [500, 500, 200]


def test_the_rule_made_last_wins(mock: Tallystick, create: Create) -> None:
    mock.rule(operation="createEvent", answer={"code": 503})
    mock.rule(api="event_store", answer={"code": 429}, times=1)

    assert [create().status_code for _ in range(2)] == [429, 503]


def test_a_rule_may_happen_now_and_then(mock: Tallystick, create: Create) -> None:
    mock.rule(operation="createEvent", answer={"code": 503}, probability=0.5)

    statuses = [create().status_code for _ in range(60)]

    assert 10 < statuses.count(503) < 50


@pytest.mark.parametrize(
    "rule",
    [
        {"operation": "createEvent"},
        {"operation": "createEvent", "fault": "reset", "answer": {"code": 500}},
        {"operation": "createEvent", "fault": "reset", "over": "1s"},
        {"operation": "createEvent", "delay": {"from": "2s", "to": "1s"}},
        {"operation": "createEvent", "delay": {"fixed": "2s", "sigma": 1}},
        {"operation": "createEvent", "api": "keyastrom", "fault": "reset"},
        {"operation": "resetMock", "fault": "reset"},
        {"api": "nobody", "fault": "reset"},
        {"match": {"body": {"$.a": {"$regex": "("}}}, "fault": "reset"},
        {"match": {"body": {"$.a": {"$regex": "(?=a)"}}}, "fault": "reset"},
        {"match": {"body": {"$.a": {"$exists": "no"}}}, "fault": "reset"},
        {"match": {"body": {"$..a..b": 1}}, "fault": "reset"},
        {"match": {"body": {"$[?": 1}}, "fault": "reset"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(mock: Tallystick, rule: dict[str, Any]) -> None:
    with pytest.raises(MockRefused):
        mock.rule(**rule)
