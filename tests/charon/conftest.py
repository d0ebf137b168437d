from __future__ import annotations

from collections.abc import Iterator

import pytest

from charon_world import World


@pytest.fixture
def anyio_backend() -> str:
    """Return the event loop for coroutine tests."""
    return "asyncio"


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Return a world on each kind of database."""
    if request.param == "postgresql":
        yield World(request.getfixturevalue("postgres_url"))
    else:
        yield World(f"sqlite:///{request.getfixturevalue('tmp_path')}/tallystick.db")


@pytest.fixture
def postgres_world(postgres_url: str) -> World:
    """Return a world shared by several processes."""
    return World(postgres_url)
