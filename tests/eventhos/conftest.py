"""A small world of eventhos, over a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eventhos_endpoint import Endpoint
from eventhos_world import World, short_live
from stored import Stored


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a client `bomber` with its system `plane` and the event `bomb`."""
    with World(tmp_path / "world.db") as world:
        yield world


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return the same with an open service, for tests without changes."""
    with World(tmp_path_factory.mktemp("eventhos") / "world.db") as world:
        world.open()
        yield world


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.stop()


@pytest.fixture
def deliver(world: World, endpoint: Endpoint) -> Callable[..., Any]:
    """Return a function that binds `bomb` to an action, sends an event and returns its run."""

    def deliver(path: str = "/", data: bytes = b'{"name": "M", "n": 7}', **call: Any) -> Any:
        world.open()
        world.tie("bomb", endpoint.url + path, **call)
        world.send("bomb", short_live(), data)
        world.deliver()
        [run] = world.runs()
        return run

    return deliver


@pytest.fixture
def stored() -> Iterator[Stored]:
    """Return a database in memory without any row of an API."""
    with Stored.opened() as made:
        yield made
