"""The clock of the mock is put forward, and stands still with a seed."""

from __future__ import annotations

from collections.abc import Callable

import requests

from manual_clock import ManualClock
from tallystick.mock.client import Tallystick
from tallystick.mock.clock import MockClock

Create = Callable[..., requests.Response]
Start = Callable[..., Tallystick]

GATEWAY = {"Authorization": "Bearer dev-gateway-key"}


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

    receiver.verify("createEvent", atLeast=2)


def test_a_cron_is_missed_when_the_clock_was_put_forward(mock: Tallystick) -> None:
    url = f"{mock.url}/gateway/v1/crons"
    for number in range(3):
        cron = {"slug": f"hourly-{number}", "schedule": "0 * * * *", "grace": 60}
        assert requests.post(url, json=cron, headers=GATEWAY, timeout=10).status_code == 201

    mock.advance("2h")

    for number in range(3):
        shown = requests.get(f"{url}/hourly-{number}", headers=GATEWAY, timeout=10).json()
        assert shown["state"] == "missed"


def test_an_alarm_has_arrived_when_the_clock_was_put_forward(
    mock: Tallystick, start_tallystick: Start
) -> None:
    receiver = start_tallystick()
    receiver.rule(operation="createEvent", answer={"code": 200})
    sink = {
        "sink": f"{receiver.url}/create",
        # By its source: a cron of the dev world may be due within these two hours, too.
        "filters": [{"exact": {"type": "charon.cron.missed", "source": "/charon/hourly"}}],
    }
    url = f"{mock.url}/gateway/v1"
    made = requests.post(f"{url}/subscriptions", json=sink, headers=GATEWAY, timeout=10)
    assert made.status_code == 201, made.text
    cron = {"slug": "hourly", "schedule": "0 * * * *", "grace": 60}
    requests.post(f"{url}/crons", json=cron, headers=GATEWAY, timeout=10)

    mock.advance("2h")

    receiver.verify("createEvent", times=1)


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


def test_the_clock_stands_still_with_a_seed(start_tallystick: Start) -> None:
    mock = start_tallystick("--seed", "1")

    assert mock.advance("0s") == "2026-01-31T08:15:30.000Z"
    assert mock.advance("20m") == "2026-01-31T08:35:30.000Z"
    assert mock.freeze(at="2027-01-01") == "2027-01-01T00:00:00.000Z"


def test_a_clock_that_is_set_back_and_forward_only_ever_gains_time_for_pauses() -> None:
    clock = MockClock(ManualClock())
    begun = clock.monotonic_ms()
    clock.advance(60_000)
    clock.set(0)
    assert clock.monotonic_ms() == begun + 60_000
    clock.freeze()
    clock.advance(1_000)
    assert clock.monotonic_ms() == begun + 61_000
