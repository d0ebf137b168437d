"""Old events go, and new ones stay."""

from __future__ import annotations

import asyncio

import pytest
import requests

from server_process import StartServer
from tallystick.events import Retention
from tallystick.store import DatabaseUnavailable

KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
QUERY = "cl=EDF&hs=AWS&ty=START_EC2&ac=525060831330&re=eu-west-3&st=OK&me=hello"


def test_at_the_next_start_only_the_newest_are_kept(start_server: StartServer) -> None:
    server = start_server()
    sent = [
        requests.get(f"{server.url}/create?{QUERY}", headers=KEY, timeout=10).json()["id"]
        for _ in range(5)
    ]
    server.stop()
    database = f"sqlite:///{server.database}"
    server = start_server("--database", database, TALLYSTICK_RETENTION_COUNT="2")
    page = requests.get(f"{server.url}/gateway/v1/events", headers=GATEWAY, timeout=10).json()

    assert [event["id"] for event in page["events"]] == sent[:2:-1]


class FailingLog:
    """A log that fails as often as it is asked to prune, and then says that it was asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.asked = asyncio.Event()

    async def prune_events(self, **_: object) -> int:
        self.asked.set()
        raise self._error


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (DatabaseUnavailable(), []),
        (ValueError("with a secret"), ["old events could not be deleted: ValueError"]),
    ],
)
async def test_what_fails_is_told_unless_the_database_tells_it(
    error: Exception, lines: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    log = FailingLog(error)
    retention = Retention(log, days=1, count=0)  # type: ignore[arg-type]  # as far as it is asked
    await retention.open()
    await log.asked.wait()
    await asyncio.sleep(0)
    await retention.close()
    assert caplog.messages == lines
