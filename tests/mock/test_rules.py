"""Rules say what happens to which requests, how often and how likely."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tallystick.mock.client import MockRefused, Tallystick

Create = Callable[..., requests.Response]

EVENT = "019aa5b1-6d00-7c2e-8d1f-3b0a5f7c9e21"


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
        {"operation": "createEvent", "answers": [{"code": 503}], "answer": {"code": 503}},
        {"operation": "createEvent", "answers": [{"code": 503}], "times": 2},
        {"operation": "createEvent", "answers": [{"code": 503}, {"code": 418}]},
        {"operation": "createEvent", "answers": []},
        {"operation": "createEvent", "answer": {"status": 503}},
        {"operation": "createEvent", "answer": {"outside": True, "code": 503}},
        {"operation": "createEvent", "answer": {"outside": True, "status": 101}},
        {"operation": "createEvent", "answer": {"outside": True, "headers": {"a b": "c"}}},
        {"operation": "createEvent", "answer": {"outside": True, "headers": {"A": "b\r\nc: d"}}},
        {
            "operation": "createEvent",
            "answer": {"outside": True, "headers": {"Content-Length": "1"}},
        },
        {"operation": "createEvent", "answer": {"body": {"a": "{{querry.a}}"}}},
        {"operation": "createEvent", "answer": {"body": {"a": "{{body.$[?}}"}}},
        {"operation": "createEvent", "scenario": {"name": "a", "state": "b"}},
        {"operation": "createEvent", "scenario": {"next": "b"}},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(mock: Tallystick, rule: dict[str, Any]) -> None:
    with pytest.raises(MockRefused):
        mock.rule(**rule)


def test_answers_come_in_their_order_and_then_the_service_answers(
    mock: Tallystick, create: Create
) -> None:
    id_ = mock.rule(operation="createEvent", answers=[{"code": 503}, {"code": 429}])

    assert [create().status_code for _ in range(3)] == [503, 429, 200]
    assert [request.rule for request in mock.requests] == [id_, id_, None]


def test_an_answer_has_values_of_the_request(mock: Tallystick, create: Create) -> None:
    body = {"statusCode": 200, "message": "Event created successfully", "id": "{{body.$.us_id}}"}
    outside = {"outside": True, "body": "Got {{body.$.cl}} from {{header.x-shop}}."}
    outside["headers"] = {"X-Key": "{{header.accept}}"}
    mock.rule(operation="createEvent", answers=[{"body": body}, outside])

    assert create(us_id=EVENT).json()["id"] == EVENT
    answer = create()
    assert (answer.text, answer.headers["X-Key"]) == ("Got EDF from .", "*/*")


def test_a_filled_answer_that_breaks_the_contract_is_refused(
    mock: Tallystick, create: Create
) -> None:
    body = {"statusCode": "{{body.$.cl}}", "message": "", "id": EVENT}
    mock.rule(operation="createEvent", answer={"body": body})

    answer = create()

    assert (answer.status_code, answer.headers["Tallystick-Mock"]) == (400, "refused")
    assert "statusCode must be" in answer.json()["detail"]


def test_an_answer_from_outside_the_contract_is_sent_as_it_is_and_marked(
    mock: Tallystick, create: Create
) -> None:
    page = "<html>502 Bad Gateway</html>"
    headers = {"content-type": "text/html", "X-RateLimit-Limit": "9", "Set-Cookie": ["a=1", "b=2"]}
    outside = {"outside": True, "status": 502, "headers": headers, "body": page}
    mock.rule(operation="createEvent", answers=[outside, {"outside": True, "body": {"a": 1}}])

    answer = create()

    assert (answer.status_code, answer.text) == (502, page)
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.headers["X-RateLimit-Limit"] == "9"
    assert answer.cookies.get_dict() == {"a": "1", "b": "2"}
    assert create().json() == {"a": 1}
    create()
    first, second, third = mock.requests
    assert [first.outside, second.outside, third.outside] == [True, True, False]
    assert first.answer["headers"]["set-cookie"] == ["***", "***"]


def test_broken_json_can_be_had(mock: Tallystick, create: Create) -> None:
    headers = {"Content-Type": "application/json"}
    broken = {"outside": True, "headers": headers, "body": '{"id": "'}
    mock.rule(operation="createEvent", answer=broken)

    answer = create()

    assert (answer.status_code, answer.text) == (200, '{"id": "')
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "rule", [{"answer": {"outside": True}}, {"fault": "garbage"}, {"fault": "malformed-chunk"}]
)
def test_a_strict_mock_refuses_what_is_outside_the_contract(
    start_tallystick: Callable[..., Tallystick], rule: dict[str, Any]
) -> None:
    with pytest.raises(MockRefused, match="which --strict refuses"):
        start_tallystick("--strict").rule(operation="createEvent", **rule)


def test_a_set_of_rules_is_replaced_whole_and_an_export_imports(
    mock: Tallystick, create: Create
) -> None:
    mock.rule(operation="createEvent", answer={"code": 503})
    mock.rule(operation="createEvent", answer={"code": 429}, times=1)
    assert create().status_code == 429
    kept = mock._call("GET", "/rules")
    mock._call("DELETE", "/rules")

    made = mock._call("PUT", "/rules", kept)

    assert [(rule["answer"], rule["used"]) for rule in made["rules"]] == [
        ({"code": 503}, 0),
        ({"code": 429}, 0),
    ]
    assert [create().status_code for _ in range(2)] == [429, 503]
    assert mock._call("PUT", "/rules", {"rules": []}) == {"rules": []}


def test_a_set_with_a_faulty_rule_changes_nothing(mock: Tallystick, create: Create) -> None:
    mock.rule(operation="createEvent", answer={"code": 503})
    faulty = [{"operation": "createEvent", "fault": "reset"}, {"operation": "createEvnt"}]

    with pytest.raises(MockRefused, match=r"rules\.1\.operation is no operationId"):
        mock._call("PUT", "/rules", {"rules": faulty})

    assert create().status_code == 503


def test_a_scenario_leads_from_state_to_state(mock: Tallystick, create: Create) -> None:
    def step(state: str, next_: str, code: int) -> None:
        scenario = {"name": "order", "state": state, "next": next_}
        mock.rule(operation="createEvent", scenario=scenario, answer={"code": code})

    step("started", "tired", 503)
    step("tired", "busy", 429)
    mock.rule(operation="canStart", scenario={"name": "order", "next": "started"})

    assert [create().status_code for _ in range(3)] == [503, 429, 200]
    assert mock._call("GET", "/rules")["scenarios"] == {"order": "busy"}
    key = {"X-API-KEY": "dev-charon-key"}
    url = f"{mock.url}/api/nightly-report/can-start"
    can_start = requests.get(url, headers=key, timeout=10)
    assert (can_start.status_code, create().status_code) == (200, 503)
    mock.reset()
    assert "scenarios" not in mock._call("GET", "/rules")


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/rules", {"operaton": "createEvent", "fault": "reset"}, "near it is operation"),
        ("/rules", {"fault": "reset", "match": {"headers": {}}}, "near it is header"),
        ("/verify", {"atleast": 1}, "near it is atLeast"),
        ("/requests?opperation=createEvent", None, "near it is operation"),
        ("/requests?zzz=1", None, "zzz is not known here"),
        ("/rules?limit=1", None, "limit is not known here"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(
    mock: Tallystick, path: str, body: Any, said: str
) -> None:
    with pytest.raises(MockRefused, match=said):
        mock._call("POST" if body else "GET", path, body)


@pytest.mark.parametrize("delay", ["0.2s", "200ms", "0.004m"])
def test_a_delay_has_any_unit(mock: Tallystick, create: Create, delay: str) -> None:
    mock.fail_next("createEvent", delay=delay)

    assert create().elapsed.total_seconds() >= 0.2


@pytest.mark.parametrize(
    "body",
    [r'{"operation": "\ud800", "fault": "reset"}', '{"times": 1e400}', "[]", "", "\0", "[" * 900],
)
def test_no_body_brings_down_the_control_api(mock: Tallystick, body: str) -> None:
    headers = {"Authorization": "Bearer dev-gateway-key", "Content-Type": "application/json"}
    for method, path in (("POST", "rules"), ("PUT", "rules"), ("POST", "verify")):
        url = f"{mock.url}/gateway/v1/mock/{path}"
        answer = requests.request(method, url, data=body, headers=headers, timeout=10)
        assert answer.status_code == 400


@pytest.mark.parametrize(("costly", "is_followed"), [(3, True), (8, False)])
def test_all_rules_look_at_one_request_in_a_bounded_number_of_steps(
    mock: Tallystick, create: Create, costly: int, is_followed: bool
) -> None:
    mock.rule(operation="createEvent", answer={"code": 503})
    for number in range(costly):
        match = {"body": {f"$..name{number}": 1}}
        mock.rule(operation="createEvent", match=match, answer={"code": 500})

    assert (create(more=[{"a": 1}] * 30_000).status_code == 503) == is_followed
    assert create().status_code == 503
