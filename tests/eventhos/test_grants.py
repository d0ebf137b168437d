"""Tokens that actions need are got once, renewed in time, and seen nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eventhos_endpoint import Endpoint, grant
from eventhos_world import World, short_live


def test_a_token_is_got_once_and_is_seen_nowhere(
    world: World, endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.answers["/token"] = (200, b'{"access_token":"t-1/2","expires_in":3600}')
    endpoint.answers["/"] = (200, b"you said t-1/2")
    world.open()
    world.tie(
        "bomb", endpoint.url + "/?token=${.oauthResponse.body.access_token}", **grant(endpoint)
    )
    for _ in range(5):
        world.send("bomb", short_live())
    world.deliver()
    [asked] = endpoint.of("/token")
    assert asked.body == b"grant_type=client_credentials&client_id=us&client_secret=hush-hush"
    assert {call.headers["authorization"] for call in endpoint.of("/")} == {"Bearer t-1/2"}
    assert len(endpoint.of("/")) == 5
    shown = json.dumps(world.runs())
    assert "t-1/2" not in shown
    assert "t-1%2F2" not in shown
    assert "***" in shown
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("world.db*"))
    assert b"hush-hush" not in kept
    assert b"t-1/2" not in kept


def test_a_token_that_is_about_to_expire_is_got_anew(world: World, endpoint: Endpoint) -> None:
    endpoint.answers["/token"] = (200, b'{"access_token":"t","expires_in":60}')
    world.open()
    world.tie("bomb", endpoint.url, **grant(endpoint))
    for seconds in (0, 49, 1):
        world.send("bomb", short_live())
        world.deliver(seconds)
    assert len(endpoint.of("/token")) == 2


def test_a_retry_gets_a_newer_token(world: World, endpoint: Endpoint) -> None:
    endpoint.answers |= {"/token": (200, b'{"access_token":"a","expires_in":3600}')}
    endpoint.answers["/"] = (401, b"")
    world.open()
    world.tie("bomb", endpoint.url + "/", **grant(endpoint))
    world.send("bomb", short_live())
    world.deliver()
    endpoint.answers |= {"/token": (200, b'{"access_token":"b"}'), "/": (200, b"")}
    world.deliver(5)
    assert [call.headers["x-token"] for call in endpoint.of("/")] == ["a", "b"]


@pytest.mark.parametrize("answer", [(401, b"{}"), (200, b"no JSON"), (302, b"")])
def test_without_a_token_the_attempt_fails_with_its_reason_and_is_repeated(
    deliver: Callable[..., Any], endpoint: Endpoint, world: World, answer: tuple[int, bytes]
) -> None:
    endpoint.answers["/token"] = answer
    run = deliver(**grant(endpoint))
    assert (run["state"], run["attempts"]) == ("pending", 1)
    assert "securityUrl" in run["reason"]
    endpoint.answers["/token"] = (200, b'{"access_token":"t"}')
    world.deliver(6)
    assert world.runs()[0]["state"] == "done"


def test_whatever_a_token_server_answers_under_the_name_of_a_secret_is_seen_nowhere(
    world: World, endpoint: Endpoint
) -> None:
    answer = {"data": {"accessToken": 'h"us/h'}, "expires_in": 3600}
    endpoint.answers["/token"] = (200, json.dumps(answer).encode())
    world.open()
    body = [{"key": "said", "value": "${.oauthResponse.body.data.accessToken}"}]
    world.tie("bomb", endpoint.url + "/", **grant(endpoint), body=body)
    world.send("bomb", short_live())
    world.deliver()
    [call] = endpoint.of("/")
    assert json.loads(call.body) == {"said": 'h"us/h'}
    assert "us/h" not in json.dumps(world.runs())
