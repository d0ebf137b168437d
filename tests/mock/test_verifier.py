"""What was expected of requests is verified."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
import requests

from tallystick.mock import journal
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


def test_every_request_since_the_reset_counts(mock: Tallystick, create: Create) -> None:
    create()
    session = requests.Session()
    for _ in range(journal.MAX_ENTRIES + 200):
        session.get(f"{mock.url}/x", timeout=10)

    assert [request.body["cl"] for request in mock.verify("createEvent", times=1)] == ["EDF"]
    mock.verify(times=journal.MAX_ENTRIES + 201)
    with pytest.raises(AssertionError, match="expected exactly 0 createEvent that match, found 1"):
        mock.verify("createEvent", {"body": {"$.cl": "EDF"}}, times=0)


def test_a_body_that_is_not_kept_whole_is_not_judged(mock: Tallystick, create: Create) -> None:
    create(us_long="x" * 200_000)

    for times in (0, 1):
        with pytest.raises(AssertionError, match="found 0 and 1 whose body can't be judged"):
            mock.verify("createEvent", {"body": {"$.cl": "EDF"}}, times=times)
    mock.verify("createEvent", {"body": {"$.cl": "EDF"}}, atMost=1)
    mock.verify("createEvent", {"body": {"$.cl": "EDF"}, "header": {"x-none": "1"}}, times=0)


def test_unused_rules_and_undeclared_requests_fail_on_wish(
    mock: Tallystick, create: Create
) -> None:
    mock.fail_next("createEvent", 503)
    unused = mock.rule(operation="canStart", answer={"code": 500})
    create()
    mock.verify("createEvent", times=1)
    with pytest.raises(AssertionError, match=f"rule {unused} is never used"):
        mock.verify("createEvent", times=1, strict=True)

    mock._call("DELETE", f"/rules/{unused}")
    mock.verify(strict=True)
    for _ in range(4):
        requests.get(f"{mock.url}/creat", timeout=10)
    with pytest.raises(AssertionError) as failure:
        mock.verify(strict=True)

    lines = str(failure.value).splitlines()
    assert lines[0].endswith(
        "GET /creat is outside the contracts; 1 more are outside the contracts"
    )
    assert "is outside the contracts" in map(str.strip, lines)


def test_strict_alone_expects_no_number_of_requests(mock: Tallystick) -> None:
    mock.verify(strict=True)
    with pytest.raises(AssertionError, match="expected at least 1"):
        mock.verify("createEvent", strict=True)
