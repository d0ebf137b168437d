"""A suite in Python reaches the control API by a few calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tallystick.mock.client import MockRefused, ReceivedRequest, Tallystick

Create = Callable[..., requests.Response]


def test_a_request_shows_itself_in_one_line(mock: Tallystick, create: Create) -> None:
    create()
    mock.fail_next("createEvent", fault="empty")
    with pytest.raises(requests.RequestException):
        create()
    assert [repr(request) for request in mock.requests] == [
        "<#1 POST /create 200>",
        "<#2 POST /create empty>",
    ]


def test_a_request_has_its_members_by_name() -> None:
    request = ReceivedRequest({"operation": "createEvent", "answer": {"status": 201}})
    assert (request.operation, request.status) == ("createEvent", 201)
    assert ReceivedRequest({"answer": None}).status is None
    with pytest.raises(AttributeError, match="body"):
        _ = request.body


@pytest.mark.parametrize(
    ("wanted", "statuses"),
    [
        ({}, [500, 200]),
        ({"code": 503}, [503, 200]),
        ({"error": "M004"}, [400, 200]),
        ({"code": 503, "times": 2}, [503, 503]),
        ({"delay": "1ms"}, [200, 200]),
        ({"code": 503, "match": {"body": {"$.cl": "ENI"}}}, [200, 200]),
    ],
)
def test_the_next_request_fails_as_it_is_asked_to(
    mock: Tallystick, create: Create, wanted: dict[str, Any], statuses: list[int]
) -> None:
    mock.fail_next("createEvent", **wanted)
    assert [create().status_code for _ in range(2)] == statuses


def test_what_the_mock_refuses_is_an_exception_with_its_words(mock: Tallystick) -> None:
    with pytest.raises(MockRefused, match="never answers 418"):
        mock.rule(operation="createEvent", answer={"code": 418})
    with pytest.raises(MockRefused, match="No snapshot has this name"):
        mock.restore("none")
    with pytest.raises(MockRefused, match="name must match"):
        mock.snapshot("after the é")


def test_a_failed_verification_shows_what_came_instead(mock: Tallystick, create: Create) -> None:
    create(cl="ENI")
    with pytest.raises(AssertionError) as failure:
        mock.verify("createEvent", {"body": {"$.cl": "EDF"}}, times=1)
    assert str(failure.value).splitlines() == [
        "expected exactly 1 createEvent that match, found 0",
        "  near: #1 POST /create",
        "    body $.cl is 'ENI', wanted 'EDF'",
    ]


def test_the_clock_says_what_it_is_set_to(mock: Tallystick) -> None:
    assert mock.freeze(at="2027-01-01") == "2027-01-01T00:00:00.000Z"
    assert mock.advance("90s") == "2027-01-01T00:01:30.000Z"
    assert mock.freeze() == "2027-01-01T00:01:30.000Z"


def test_a_body_in_json_is_a_member_of_its_request(mock: Tallystick, create: Create) -> None:
    create(cl="ENI")
    assert mock.requests[0].json["cl"] == "ENI"
    assert ReceivedRequest({"answer": None}).json is None


def test_rules_are_listed_and_removed(mock: Tallystick, create: Create) -> None:
    first = mock.fail_next("createEvent", 503)
    second = mock.fail_next("createEvent", 500)
    assert [rule["id"] for rule in mock.list_rules()] == [first, second]
    mock.remove_rule(second)
    assert create().status_code == 503
    with pytest.raises(MockRefused, match="No rule has this id"):
        mock.remove_rule("99")
    mock.clear_rules()
    assert mock.list_rules() == []


def test_a_clock_that_was_stopped_goes_on(mock: Tallystick) -> None:
    stopped = mock.freeze(at="2027-01-01")
    assert stopped == mock.freeze()
    mock.unfreeze()
    assert mock.unfreeze() > stopped


def test_too_many_requests_are_shown(mock: Tallystick, create: Create) -> None:
    create()
    create(cl="ENI")
    create()
    with pytest.raises(AssertionError) as failure:
        mock.verify("createEvent", {"body": {"$.cl": "EDF"}}, times=1)
    assert str(failure.value).splitlines()[:3] == [
        "expected exactly 1 createEvent that match, found 2",
        "  found: <#1 POST /create 200>",
        "  found: <#3 POST /create 200>",
    ]


def test_an_order_is_verified_with_others_between(mock: Tallystick, create: Create) -> None:
    for client in ("ENI", "EDF", "GAS", "ENI"):
        create(cl=client)
    edf, eni = (
        {"operation": "createEvent", "match": {"body": {"$.cl": c}}} for c in ("EDF", "ENI")
    )

    assert [r.id for r in mock.verify(order=[edf, eni])] == ["2", "4"]
    assert [r.id for r in mock.verify(order=["createEvent", edf, "createEvent"])] == ["1", "2", "3"]
    with pytest.raises(AssertionError) as failure:
        mock.verify(order=[eni, edf, edf])
    lines = str(failure.value).splitlines()
    assert "after <#2 POST /create 200>, which did not come; in order there came:" in lines[0]
    assert len(lines) == 5
    with pytest.raises(TypeError, match="order goes without times"):
        mock.verify(order=[edf], times=1)
