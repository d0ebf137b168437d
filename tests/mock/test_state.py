"""The mock is put back, its clock set, and with a seed all of it repeats."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tallystick.mock.client import Tallystick
from tallystick.mock.process import NotStarted

Create = Callable[..., requests.Response]
Start = Callable[..., Tallystick]

GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
EVENTGRID = {"X-Auth-Token": "dev-token"}
PROJECT = "0123456789abcdef0123456789abcdef"


def test_a_reset_puts_everything_back(
    mock: Tallystick, create: Create, stored: Callable[[], list[Any]]
) -> None:
    before = requests.get(f"{mock.url}/gateway/v1/crons", headers=GATEWAY, timeout=10).text
    create()
    mock.rule(operation="createEvent", answer={"code": 503})
    mock.advance("20m")
    url = f"{mock.url}/gateway/v1/subscriptions"
    subscriptions = requests.get(url, headers=GATEWAY, timeout=10).json()
    requests.post(url, json={"sink": "http://localhost:1/"}, headers=GATEWAY, timeout=10)

    mock.reset()

    assert stored() == []
    assert mock.requests == []
    assert requests.get(url, headers=GATEWAY, timeout=10).json() == subscriptions
    assert create().status_code == 200
    assert requests.get(f"{mock.url}/gateway/v1/crons", headers=GATEWAY, timeout=10).text == before


def test_a_reset_takes_no_time(mock: Tallystick, create: Create) -> None:
    took = []
    for _ in range(20):
        create()
        started = time.perf_counter()
        mock.reset()
        took.append(time.perf_counter() - started)

    # Among other work on the machine; `docs/mock.md` tells what it takes alone.
    assert min(took) < 0.02


def test_a_snapshot_is_gone_back_to(
    mock: Tallystick, create: Create, stored: Callable[[], list[Any]]
) -> None:
    create(ty="BEFORE")
    mock.rule(operation="canStart", answer={"code": 500})
    mock.snapshot("one")
    create(ty="AFTER")
    mock.reset()

    mock.restore("one")

    assert [event["type"] for event in stored()] == ["BEFORE"]
    assert requests.get(f"{mock.url}/api/x/can-start", timeout=10).status_code == 500


def test_a_token_expires_when_the_clock_is_put_forward(mock: Tallystick) -> None:
    grant = {"grant_type": "client_credentials", "client_id": "dev-client"}
    answer = requests.post(
        f"{mock.url}/auth/token", json={**grant, "client_secret": "dev-secret"}, timeout=10
    )
    token = {"access-key": answer.json()["content"]["jwt_token"]}

    def send() -> int:
        url = f"{mock.url}/event/send?event-identifier=new-bomb-k736k3hiW7"
        return requests.post(url, json={}, headers=token, timeout=10).status_code

    assert send() == 200
    mock.advance("23h")
    assert send() == 200
    mock.advance("2h")
    assert send() == 401


def test_a_delivery_is_tried_again_when_the_clock_is_put_forward(
    mock: Tallystick, start_tallystick: Start, create: Create
) -> None:
    receiver = start_tallystick()
    receiver.rule(operation="createEvent", answer={"code": 503}, times=1)
    sink = {"sink": f"{receiver.url}/create"}
    url = f"{mock.url}/gateway/v1/subscriptions"
    assert requests.post(url, json=sink, headers=GATEWAY, timeout=10).status_code == 201
    create()
    receiver.verify("createEvent", times=1, within="10s")

    for _ in range(3):  # 503 rests at least a moment, then the schedule says when
        mock.advance("10m")
        time.sleep(0.2)

    receiver.verify("createEvent", atLeast=2, within="10s")


def test_an_event_of_keyastrom_ends_when_the_clock_is_put_forward(mock: Tallystick) -> None:
    key = {"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"}
    event = {"eventType": "CUSTOM_INFO", "title": "Deployment", "timeout": 10}
    event["entitySelector"] = "type(HOST),entityName.equals(cloud-burst-1)"
    requests.post(f"{mock.url}/api/v2/events/ingest", json=event, headers=key, timeout=10)

    statuses = []
    for duration in ("9m", "2m"):
        mock.advance(duration)
        listed = requests.get(
            f"{mock.url}/api/v2/events", params={"from": "now-1d"}, headers=key, timeout=10
        )
        statuses += [event["status"] for event in listed.json()["events"]]
    assert statuses == ["OPEN", "CLOSED"]


def test_a_cron_is_missed_when_the_clock_is_put_forward(mock: Tallystick) -> None:
    url = f"{mock.url}/gateway/v1/crons"

    def states() -> list[str]:
        return [c["state"] for c in requests.get(url, headers=GATEWAY, timeout=10).json()["crons"]]

    before = states()
    mock.advance("3d")
    deadline = time.monotonic() + 5
    while states() == before and time.monotonic() < deadline:
        time.sleep(0.05)

    assert states() != before


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


def test_the_clock_stands_still_with_a_seed(start_tallystick: Start) -> None:
    mock = start_tallystick("--seed", "1")

    assert mock.advance("0s") == "2026-01-31T08:15:30.000Z"
    assert mock.advance("20m") == "2026-01-31T08:35:30.000Z"
    assert mock.freeze(at="2027-01-01") == "2027-01-01T00:00:00.000Z"


WORLD = """
clock: {set: '2026-03-01T12:00:00Z', frozen: true}
requests:
  - method: POST
    path: /create
    headers: {x-api-key: XXX1XX12XxxxXXxxXXx0xXxx}
    json: {cl: EDF, ty: FROM_WORLD, hs: AWS, ac: PRODUCTION, re: eu-west-3, st: OK, me: A world}
rules:
  - {operation: createEvent, answer: {error: M004}, times: 1}
"""


def test_a_world_is_there_at_the_start_and_after_a_reset(
    start_tallystick: Start, tmp_path: Path
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(WORLD, encoding="utf-8")
    mock = start_tallystick("--world", str(file))

    for _ in range(2):
        answer = requests.get(f"{mock.url}/gateway/v1/events", headers=GATEWAY, timeout=10)
        [event] = answer.json()["events"]
        assert (event["type"], event["time"]) == ("FROM_WORLD", "2026-03-01T12:00:00.000Z")
        refused = requests.post(
            f"{mock.url}/create", json={}, headers={"x-api-key": "any"}, timeout=10
        )
        assert refused.json()["code"] == "M004"
        mock.reset()


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        ("rulez: []", "rulez is not known here"),
        ("requests: [{path: /create}]", "requests.0: GET /create is answered 403"),
        ("rules: [{operation: createEvnt, fault: reset}]", "rules.0: operation is no operationId"),
        ("clock: {set: 2026-01-31, advance: 1s}", "clock: advance does not go with set"),
        ("rules: [{operation: createEvent, answer: {code: 418}}]", "never answers 418"),
        ("a: 1\na: 2", "given twice"),
    ],
)
def test_a_world_that_can_t_be_made_is_refused_at_the_start(
    start_tallystick: Start, tmp_path: Path, world: str, reason: str
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(world, encoding="utf-8")

    with pytest.raises(NotStarted, match=reason):
        start_tallystick("--world", str(file))


def test_others_may_reach_it_only_when_told_so(start_tallystick: Start) -> None:
    with pytest.raises(NotStarted, match="--allow-remote"):
        start_tallystick("--host", "0.0.0.0")

    mock = start_tallystick("--host", "0.0.0.0", "--allow-remote")
    sink = {"sink": "http://127.0.0.1:1/"}
    url = f"{mock.url}/gateway/v1/subscriptions".replace("0.0.0.0", "127.0.0.1")
    assert requests.post(url, json=sink, headers=GATEWAY, timeout=10).status_code == 400
