from __future__ import annotations

import asyncio
import socket

import pytest

from tallystick.delivery.addresses import LOOPBACK, Addresses
from tallystick.delivery.guarded_loop import GuardedLoop, refused_addresses

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def connect(port: int) -> list[str]:
    """Connect to a port, and return the addresses that were refused."""
    refused: list[str] = []
    refused_addresses.set(refused)
    try:
        _, writer = await asyncio.open_connection("localhost", port)
        writer.close()
    except PermissionError:
        assert refused
    return refused


async def test_a_connection_goes_to_a_permitted_address_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert await GuardedLoop(Addresses(LOOPBACK)).start().run(connect(port)) == []
        refused = await GuardedLoop(Addresses()).start().run(connect(port))
    assert set(refused) <= {"127.0.0.1", "::1"}
    assert "127.0.0.1" in refused
