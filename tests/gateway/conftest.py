from __future__ import annotations

from collections.abc import Iterator

import pytest

from stored import Stored


@pytest.fixture
def stored() -> Iterator[Stored]:
    """Return a database in memory without any row."""
    with Stored.opened() as made:
        yield made
