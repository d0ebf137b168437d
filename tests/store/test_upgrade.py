"""A server that starts over an older database takes all of it along, and new events at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from sqlalchemy import create_engine, func, insert, select

from reliability import Figures, scaled
from server_process import StartServer
from tallystick.events import Event, new_id
from tallystick.store import schema
from tallystick.store.tables import events

OLDER = schema.known()[:-1]
VERSIONS = scaled([OLDER[0], OLDER[-1]], OLDER)
STORED = scaled(1_000, 300_000)
SENT = scaled(40, 1_000)
AT_ONCE = 8
CREATE = "/create?cl=EDF&hs=AWS&ty=START_EC2&ac=525060831330&re=eu-west-3&st=OK&me=after"
EVENT_STORE = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}


@pytest.mark.reliability("Upgrade from earlier schemas under load")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_older_database_is_brought_along_and_takes_events_at_once(
    kind: str,
    start_server: StartServer,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    figures: Figures,
) -> None:
    cluster = request.getfixturevalue("postgres") if kind == "postgresql" else None
    longest_s = 0.0
    for version in VERSIONS:
        if cluster is not None:
            with cluster.database() as url:
                longest_s = max(longest_s, upgrade(url, version, start_server))
        else:
            url = f"sqlite:///{tmp_path}/{version}.db"
            longest_s = max(longest_s, upgrade(url, version, start_server))
    figures.note(
        versions=len(VERSIONS), events=STORED, ready_after=f"{longest_s:.1f} s at the most"
    )


def upgrade(url: str, version: str, start_server: StartServer) -> float:
    """Start a server over a database of that version, send it events, and count what is there.

    Return the seconds that the start took.
    """
    make_database(url, version)
    began = time.monotonic()
    server = start_server("--database", url)
    started_s = time.monotonic() - began
    with ThreadPoolExecutor(AT_ONCE) as sending:
        answers = sending.map(
            lambda _: requests.get(server.url + CREATE, headers=EVENT_STORE, timeout=30),
            range(SENT),
        )
        assert [answer.status_code for answer in answers] == [200] * SENT
    server.stop()
    assert count_events(url) == STORED + SENT
    return started_s


def make_database(url: str, version: str) -> None:
    """Make a database as the program made it at that version, with events in it."""
    engine = create_engine(driver_url(url))
    now = int(time.time() * 1_000)
    stored = (
        Event(new_id(now), "event_store", "/event_store/EDF", "START_EC2", "", now, b"{}", "{}")
        for _ in range(STORED)
    )
    with engine.begin() as connection:
        schema.migrate(connection, version)
        connection.execute(insert(events), [event._asdict() for event in stored])
    engine.dispose()


def count_events(url: str) -> int:
    """Return how many events of the API are in the database."""
    engine = create_engine(driver_url(url))
    with engine.connect() as connection:
        mine = select(func.count()).where(events.c.api == "event_store")
        count: int = connection.execute(mine).scalar_one()
    engine.dispose()
    return count


def driver_url(url: str) -> str:
    """Return the URL as SQLAlchemy has it."""
    return url.replace("postgresql://", "postgresql+psycopg://")
