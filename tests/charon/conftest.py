from __future__ import annotations

from collections.abc import Iterator

import pytest

from charon_world import World


@pytest.fixture
def anyio_backend() -> str:
    """The event loop of the tests that are coroutines."""
    return "asyncio"


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A world on each kind of database."""
    if request.param == "postgresql":
        yield World(request.getfixturevalue("postgres_url"))
    else:
        yield World(f"sqlite:///{request.getfixturevalue('tmp_path')}/tallystick.db")


@pytest.fixture
def postgres_world(postgres_url: str) -> World:
    """A world that several processes share."""
    return World(postgres_url)
