"""Traces are listed by what is asked for, the newest first."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert

from stored import Stored
from tallystick.apis.eventgrid.subscriptions import EventgridSubscriptions
from tallystick.apis.eventgrid.tables import traces
from tallystick.apis.eventgrid.targets import Targets
from tallystick.apis.eventgrid.tracing import get_matches, get_published, list_traces
from tallystick.contract.exceptions import NotFound
from tallystick.delivery import Addresses
from tallystick.encryption import Encryptor
from tallystick.events.ids import new_id
from tallystick.store import Database
from tallystick.store.tables import events


def put(
    connection: Connection,
    received: int,
    subscription: str = "",
    attributes: str = "{}",
    **more: Any,
) -> None:
    """Keep an event and its trace."""
    id_ = new_id(received)
    kept = {"id": id_, "api": "eventgrid", "source": "shop", "type": "t", "subject": ""}
    connection.execute(
        insert(events).values(**kept, time=received, data=b"", attributes=attributes)
    )
    trace = {"project": "p", "channel_id": "c", "event_id": str(received), "source": "shop"}
    own = {"subscription_id": subscription, "subscription": subscription, "type": "t"}
    connection.execute(
        insert(traces).values(**{**trace, **own, "id": id_, "received": received, **more})
    )


def found(stored: Stored, span: tuple[int, int] = (0, 100), **asked: Any) -> list[str]:
    """The ids of the events that are listed."""
    return [trace["event_id"] for trace in listed(stored, span, **asked)["result"]]


def listed(
    stored: Stored,
    span: tuple[int, int] = (0, 100),
    offset: int = 0,
    limit: int = 10,
    **wanted: str | None,
) -> dict[str, Any]:
    return stored.write(list_traces, "p", "c", span, offset, limit, wanted)


def test_the_newest_comes_first_and_a_span_has_both_its_ends(stored: Stored) -> None:
    for received in (1, 2, 3, 4):
        stored.write(put, received)
    assert found(stored) == ["4", "3", "2", "1"]
    assert found(stored, (2, 3)) == ["3", "2"]


def test_a_page_says_how_many_there_are_in_all(stored: Stored) -> None:
    for received in (1, 2, 3):
        stored.write(put, received)
    page = listed(stored, offset=1, limit=1)
    assert (page["total"], page["size"]) == (3, 1)
    assert [trace["event_id"] for trace in page["result"]] == ["2"]


def test_other_projects_and_channels_have_traces_of_their_own(stored: Stored) -> None:
    stored.write(put, 1)
    stored.write(put, 2, project="q")
    stored.write(put, 3, channel_id="d")
    assert found(stored) == ["1"]


@pytest.mark.parametrize(
    ("wanted", "events"),
    [
        ({"event_id": "1"}, ["1"]),
        ({"source_name": "shop"}, ["3", "2", "1"]),
        ({"event_type": "paid"}, ["2"]),
        ({"subscription_name": "mine"}, ["3"]),
        ({"subscription_name": "mine", "event_id": "1"}, []),
        ({"event_type": None}, ["3", "2", "1"]),
    ],
)
def test_all_that_is_given_must_match(
    stored: Stored, wanted: dict[str, Any], events: list[str]
) -> None:
    stored.write(put, 1)
    stored.write(put, 2, type="paid")
    stored.write(put, 3, "mine")
    assert found(stored, **wanted) == events


def test_a_trace_is_shown_as_the_vendor_shows_it(stored: Stored) -> None:
    stored.write(put, 7_000, "mine")
    page = listed(stored, (0, 7_000))
    assert page["items"] == page["result"]
    assert page["result"] == [
        {
            "subscription_name": "mine",
            "source_name": "shop",
            "source_provider": "CUSTOM",
            "event_type": "t",
            "event_id": "7000",
            "event_received_time": 7,
        }
    ]


@pytest.mark.parametrize(("id_", "index"), [("unknown", "by_event"), ("x" * 513, "by_long_event")])
def test_an_event_is_looked_up_by_an_index(stored: Stored, id_: str, index: str) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    known = EventgridSubscriptions(Targets(Addresses(), Encryptor()))
    event.listen(Engine, "before_cursor_execute", note)
    for look_up in (get_published, partial(get_matches, channel_id="c", known=known)):
        with pytest.raises(NotFound):
            stored.write(look_up, "p", id_)
    event.remove(Engine, "before_cursor_execute", note)
    plans = [stored.write(plan, *each) for each in asked if "eventgrid_traces" in each[0]]
    wanted = f"SEARCH eventgrid_traces USING INDEX eventgrid_traces_{index} "
    assert [each.startswith(wanted) for each in plans] == [True, True]


def plan(connection: Connection, statement: str, parameters: Any) -> str:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return "\n".join(row.detail for row in rows)


@pytest.mark.parametrize("length", [1, 512, 513, 1024])
def test_an_event_is_found_by_an_id_of_any_length(postgres_url: str, length: int) -> None:
    # Of four bytes each, and in an order that a database can't compress.
    id_ = "".join(chr(0x10000 + n * 7919 % 0x8000) for n in range(length))
    shown = asyncio.run(published_again(Database(postgres_url), id_))
    assert shown["id"] == id_


async def published_again(database: Database, id_: str) -> Any:
    await database.open()
    attributes = json.dumps({"eventgridid": id_})
    await database.write(lambda c: put(c, 1, event_id=id_, attributes=attributes))
    await database.write(lambda c: put(c, 2))
    shown = await database.read(lambda c: get_published(c, "p", id_))
    await database.close()
    return shown
