"""What an action sends."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from eventhos_endpoint import SIGNING_SECRET, Endpoint
from eventhos_world import World, short_live


def test_a_call_is_made_as_its_templates_say(
    deliver: Callable[..., Any], endpoint: Endpoint
) -> None:
    run = deliver(
        "/bombs/${.body.n}?a=1",
        method="put",
        headers=[
            {"key": "X-Name", "value": "<${.body.name}>"},
            {"key": "X", "value": "${.body.x}"},
        ],
        queryUrlParams=[
            {"key": "who", "value": "${.body.name}"},
            {"key": "x", "value": "${.url[0]}"},
        ],
        body=[{"key": "all", "value": "${.body}"}, {"key": "x", "value": "${.body.x}"}],
    )
    [call] = endpoint.calls
    assert (call.method, call.path) == ("PUT", "/bombs/7?a=1&who=M")
    assert call.headers["x-name"] == "<M>"
    assert "x" not in call.headers
    assert call.headers["content-type"] == "application/json"
    assert json.loads(call.body) == {"all": {"name": "M", "n": 7}}
    assert (run["state"], run["attempts"]) == ("done", 1)


@pytest.mark.parametrize("body", [b'{ "n": 1.10 }', b"null", b"9" * 400, b'"\\ud800"'])
def test_without_a_body_of_its_own_a_call_has_the_events_bytes(
    deliver: Callable[..., Any], endpoint: Endpoint, body: bytes
) -> None:
    deliver(data=body)
    assert endpoint.calls[0].body == body


def test_a_get_has_no_body(deliver: Callable[..., Any], endpoint: Endpoint) -> None:
    deliver(method="GET")
    assert (endpoint.calls[0].method, endpoint.calls[0].body) == ("GET", b"")


def test_a_get_with_a_body_of_its_own_sends_it(
    deliver: Callable[..., Any], endpoint: Endpoint
) -> None:
    deliver(method="get", rawBody={"who": "${.body.name}"})
    assert (endpoint.calls[0].method, endpoint.calls[0].body) == ("GET", b'{"who":"M"}')


@pytest.mark.parametrize("call", [{"method": "GET"}, {"rawBody": {}}])
@pytest.mark.parametrize("dialect", ["", "1.0.1"])
def test_in_the_dialect_the_events_own_body_is_sent_more_often(
    world: World, endpoint: Endpoint, call: dict[str, Any], dialect: str
) -> None:
    world.open(eventhos_dialect=dialect)
    world.tie("bomb", endpoint.url + "/", **call)
    world.send("bomb", short_live(), b'{"n": 7}')
    world.deliver()
    own = b"" if "method" in call else b"{}"
    assert endpoint.calls[0].body == (b'{"n": 7}' if dialect else own)


def test_a_call_says_when_it_began(deliver: Callable[..., Any], endpoint: Endpoint) -> None:
    deliver()
    began = datetime.fromisoformat(endpoint.calls[0].headers["eventhosstartdate"])
    assert began.tzinfo == UTC


def test_a_redirect_is_followed(deliver: Callable[..., Any], endpoint: Endpoint) -> None:
    endpoint.redirects["/"] = "/moved"
    run = deliver()
    assert [call.path for call in endpoint.calls] == ["/", "/moved"]
    assert run["state"] == "done"


def test_an_endpoint_that_takes_longer_than_its_action_allows_has_failed(
    deliver: Callable[..., Any], endpoint: Endpoint
) -> None:
    endpoint.is_answering.clear()
    run = deliver(timeout=1)
    assert run["tries"][0]["outcome"] == "timeout"
    assert run["response"]["statusText"] == "the endpoint did not answer in time"


def test_a_form_is_sent_as_a_form(deliver: Callable[..., Any], endpoint: Endpoint) -> None:
    form = {"key": "Content-Type", "value": "application/x-www-form-urlencoded"}
    deliver(headers=[form], body=[{"key": "who", "value": "${.body.name} & I"}])
    assert endpoint.calls[0].body == b"who=M+%26+I"


def test_what_can_not_be_a_header_is_a_failed_attempt_with_its_reason(
    deliver: Callable[..., Any], endpoint: Endpoint
) -> None:
    run = deliver(data=b'"a\\r\\nX-Evil: 1"', headers=[{"key": "X-Name", "value": "${.body}"}])
    assert endpoint.calls == []
    [tried] = run["tries"]
    assert (run["state"], tried["outcome"]) == ("dead", "undeliverable")
    assert "X-Name" in run["reason"]


def test_a_call_is_signed_by_choice(deliver: Callable[..., Any], endpoint: Endpoint) -> None:
    deliver(webhookSecrets=[SIGNING_SECRET])
    [call] = endpoint.calls
    # Not `verify`, which compares the time with the machine's.
    time = datetime.fromtimestamp(int(call.headers["webhook-timestamp"]), UTC)
    signature = Webhook(SIGNING_SECRET).sign(call.headers["webhook-id"], time, call.body.decode())
    assert call.headers["webhook-signature"] == signature


def test_a_host_that_only_the_event_knows_is_guarded_when_it_is_called(
    world: World, endpoint: Endpoint
) -> None:
    world.open()
    world.tie("bomb", "http://${.body.host}/")
    for host in (endpoint.url.removeprefix("http://"), "10.0.0.1"):
        world.send("bomb", short_live(), json.dumps({"host": host}).encode())
    world.deliver()
    assert len(endpoint.calls) == 1
    [run] = world.runs()
    assert (run["state"], run["tries"][0]["outcome"]) == ("pending", "forbidden")


@pytest.mark.parametrize(
    ("template", "data", "reason"),
    [
        ("${.body" + "[*,*]" * 40 + "}", b"[" * 40 + b"]" * 40, "20,000 steps"),
        ("${.body}" * 50, b'"' + b"x" * 100_000 + b'"', "4,000,000 characters"),
    ],
    ids=["steps", "characters"],
)
def test_a_template_that_takes_too_much_makes_its_run_dead_at_once(
    deliver: Callable[..., Any], endpoint: Endpoint, template: str, data: bytes, reason: str
) -> None:
    run = deliver(data=data, body=[{"key": "all", "value": template}])
    assert endpoint.calls == []
    assert run["state"] == "dead"
    assert reason in run["reason"]
