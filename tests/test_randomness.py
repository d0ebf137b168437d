"""With a seed, all that a mock draws repeats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from tallystick import randomness
from tallystick.mock.client import Tallystick

Start = Callable[..., Tallystick]

GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
EVENTGRID = {"X-Auth-Token": "dev-token"}
PROJECT = "0123456789abcdef0123456789abcdef"


def test_with_a_seed_everything_repeats(start_tallystick: Start) -> None:
    first, second = (_transcript(start_tallystick("--seed", "3")) for _ in range(2))
    other = _transcript(start_tallystick("--seed", "4"))

    assert first == second
    assert first != other


def test_with_a_seed_a_reset_repeats_too(start_tallystick: Start) -> None:
    mock = start_tallystick("--seed", "3")
    first = _transcript(mock)
    mock.reset()

    assert _transcript(mock) == first


def _transcript(mock: Tallystick) -> list[Any]:
    """What a program sees of ids, times and tokens."""
    event = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
    key = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
    grant = {"grant_type": "client_credentials", "client_id": "dev-client"}
    calls: list[tuple[str, dict[str, str], Any]] = [
        ("/create", key, {**event, "st": "OK", "me": "Operation successful"}),
        ("/create", key, {**event, "st": "OK", "me": "Operation successful"}),
        ("/auth/token", {}, {**grant, "client_secret": "dev-secret"}),
        ("/gateway/v1/subscriptions", GATEWAY, {"sink": "http://localhost:1/"}),
        (f"/v1/{PROJECT}/channels", EVENTGRID, {"name": "golden"}),
    ]
    seen: list[Any] = []
    for path, headers, body in calls:
        answer = requests.post(f"{mock.url}{path}", json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        seen.append((answer.json(), answer.headers.get("X-Request-Id")))
    events = requests.get(f"{mock.url}/gateway/v1/events", headers=GATEWAY, timeout=10)
    return [*seen, events.json(), [request.time for request in mock.requests]]


def test_with_a_seed_what_happens_now_and_then_repeats(start_tallystick: Start) -> None:
    mock = start_tallystick("--seed", "5")

    def statuses() -> list[int]:
        assert mock.rule(operation="canStart", answer={"code": 500}, probability=0.5) == "1"
        url = f"{mock.url}/api/nightly-report/can-start"
        return [requests.get(url, timeout=10).status_code for _ in range(12)]

    first = statuses()
    mock.reset()

    assert len(set(first)) == 2
    assert statuses() == first


def test_a_uuid_as_text_is_the_same_after_the_same_seed() -> None:
    kept = randomness._source.random
    try:
        for number in range(100):
            randomness.seed(number)
            found = str(randomness.uuid4())
            randomness.seed(number)
            assert randomness.uuid4_text() == found
    finally:
        randomness._source.random = kept
