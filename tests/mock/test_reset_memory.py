"""A reset gives back the memory of what it forgets."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract_runtime import GATEWAY, ContractCaller, mocking

CRM = (Path(__file__).parents[2] / "examples/crm/crm.yaml").read_text("utf-8")
KEY = {"x-api-key": "any"}
CUSTOMERS = 100


@pytest.fixture
def traced() -> Iterator[None]:
    """Count the bytes of Python's objects."""
    tracemalloc.start()
    yield
    tracemalloc.stop()


async def use_and_reset(mock: ContractCaller) -> tuple[int, int]:
    """Return the bytes held before a reset and after it."""
    for number in range(CUSTOMERS):
        made = await mock.call("POST", "/customers", {"name": f"C{number}"}, headers=KEY)
        assert made.status == 201
    used = held_bytes()
    said = await mock.call("POST", "/gateway/v1/mock/reset", headers=GATEWAY)
    assert said.status == 204
    return used, held_bytes()


def held_bytes() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def count_pages(mock: ContractCaller) -> int:
    """Return the pages of the database in memory, with those that are free."""
    connection = mock.runtime.context.database._memory._direct
    pages: int = connection.execute("PRAGMA page_count").fetchone()[0]
    return pages


@pytest.mark.anyio
@pytest.mark.usefixtures("traced")
async def test_a_reset_releases_requests_and_rows(tmp_path: Path) -> None:
    async with mocking(tmp_path, CRM) as mock:
        await use_and_reset(mock)  # fills the caches of the libraries
        pages = count_pages(mock)
        _, before = await use_and_reset(mock)
        used, after = await use_and_reset(mock)
        assert used - before > 500 * CUSTOMERS
        assert after - before < (used - before) / 10
        assert count_pages(mock) == pages
