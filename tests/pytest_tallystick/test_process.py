"""The process of a mock is reached by others only when told so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from tallystick.mock.client import Tallystick
from tallystick.mock.process import NotStarted

Start = Callable[..., Tallystick]

GATEWAY = {"Authorization": "Bearer dev-gateway-key"}


def test_others_may_reach_it_only_when_told_so(start_tallystick: Start) -> None:
    with pytest.raises(NotStarted, match="--allow-remote"):
        start_tallystick("--host", "0.0.0.0")

    mock = start_tallystick("--host", "0.0.0.0", "--allow-remote")
    sink = {"sink": "http://127.0.0.1:1/"}
    url = f"{mock.url}/gateway/v1/subscriptions".replace("0.0.0.0", "127.0.0.1")
    assert requests.post(url, json=sink, headers=GATEWAY, timeout=10).status_code == 400
