"""What was expected of requests is verified."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
import requests

from tallystick.mock.client import Tallystick

Create = Callable[..., requests.Response]


def test_what_was_expected_is_verified(mock: Tallystick, create: Create) -> None:
    create()
    create()
    create(cl="ENI")

    found = mock.verify("createEvent", {"body": {"$.cl": "EDF"}}, times=2)

    assert [request.body["cl"] for request in found] == ["EDF", "EDF"]


def test_what_comes_nearest_is_shown(mock: Tallystick, create: Create) -> None:
    create(cl="ENI")
    requests.get(f"{mock.url}/x", timeout=10)

    with pytest.raises(AssertionError) as failure:
        mock.verify("createEvent", {"body": {"$.cl": "EDF"}}, times=1)

    lines = str(failure.value).splitlines()
    assert lines[0] == "expected exactly 1 createEvent that match, found 0"
    assert lines[2].strip() == "body $.cl is 'ENI', wanted 'EDF'"


def test_what_comes_soon_is_waited_for(mock: Tallystick, create: Create) -> None:
    threading.Timer(0.3, create).start()
    started = time.monotonic()

    mock.verify("createEvent", times=1, within="10s")

    assert time.monotonic() - started < 5


def test_one_too_many_is_refused(mock: Tallystick, create: Create) -> None:
    create()
    create()

    with pytest.raises(AssertionError, match="at most 1"):
        mock.verify("createEvent", atMost=1)
