from __future__ import annotations

from collections.abc import Iterator

import pytest

from keyastrom_world import GROUP, HOST, Kept


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    """On SQLite, then on PostgreSQL."""
    url = "sqlite://"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    made = Kept(url)
    yield made
    made.close()


@pytest.fixture
def world(kept: Kept) -> Kept:
    """It, with a host and the group of it."""
    kept.add(GROUP, HOST)
    return kept
