from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dynatrace import Dynatrace  # type: ignore[import-untyped]  # its authors publish no types

from keyastrom_calls import TOKEN
from keyastrom_world import GROUP, HOST, Kept
from server_process import ServerProcess


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    """Return a database, on SQLite and on PostgreSQL."""
    url = "sqlite://"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    made = Kept(url)
    yield made
    made.close()


@pytest.fixture
def world(kept: Kept) -> Kept:
    """Return the database with a host and its host group."""
    kept.add(GROUP, HOST)
    return kept


@pytest.fixture(params=["", "/e/mySampleEnv"], ids=["plain", "environment"])
def client(request: pytest.FixtureRequest, server: ServerProcess) -> Iterator[Any]:
    """Return the vendor's community client."""
    dynatrace = Dynatrace(server.url + request.param, TOKEN)
    yield dynatrace
    dynatrace._Dynatrace__http_client.session.close()  # which it never closes itself
