"""The mock is put back to its start, or to a snapshot."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from tallystick.mock.client import Tallystick

Create = Callable[..., requests.Response]

GATEWAY = {"Authorization": "Bearer dev-gateway-key"}


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
