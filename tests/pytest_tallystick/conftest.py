from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tallystick.mock.client import Tallystick
from tallystick.mock.process import MockProcess

KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}


@pytest.fixture
def anyio_backend() -> str:
    """Return the event loop for coroutine tests."""
    return "asyncio"


@pytest.fixture(scope="session")
def process() -> Iterator[MockProcess]:
    """Return a mock shared by these tests, over TLS."""
    started = MockProcess("--tls")
    yield started
    started.stop()


@pytest.fixture
def mock(process: MockProcess) -> Tallystick:
    """Return the mock, reset to its start."""
    mock = Tallystick(process.url, process.ca)
    mock.reset()
    return mock


@pytest.fixture
def create(mock: Tallystick) -> Callable[..., requests.Response]:
    """Return a function that creates an event as an integrator does: `create(cl="ENI")`."""

    def create(**members: Any) -> requests.Response:
        url = f"{mock.url}/create"
        return requests.post(
            url, json={**EVENT, **members}, headers=KEY, timeout=20, verify=mock.ca
        )

    return create
