"""A small world of eventhos, over a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eventhos_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """One client `bomber` with its system `plane` and that one's event `bomb`."""
    with World(tmp_path / "world.db") as world:
        yield world


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same, with its room open, for tests that change nothing."""
    with World(tmp_path_factory.mktemp("eventhos") / "world.db") as world:
        world.open()
        yield world
