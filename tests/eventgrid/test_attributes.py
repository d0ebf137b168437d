"""Attributes of CloudEvents: what is taken is in the docs' table, and is kept as it was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from cloudevents_table import FAILS_ALONE, TAKEN, TableRow, read_rows
from server_process import ServerProcess
from tallystick.apis.eventgrid import attributes
from tallystick.apis.eventgrid.exceptions import BadValue

ROWS = read_rows()
URL = "/v1/0123456789abcdef0123456789abcdef/channels"


def test_the_table_has_eighty_events_at_least() -> None:
    assert len(ROWS) >= 80


@pytest.mark.parametrize("row", ROWS, ids=[row.change for row in ROWS])
def test_an_event_is_answered_as_the_table_says(
    row: TableRow, server: ServerProcess, source: Any
) -> None:
    # `json.dumps` writes half a surrogate pair as the escape that it is.
    body = json.dumps({"events": [row.event(source.name)]})
    headers = {"X-Auth-Token": "dev-token", "Content-Type": "application/json"}
    url = f"{server.url}{URL}/{source.channel_id}/events"
    answer = requests.post(url, data=body, headers=headers, timeout=10)
    if row.answer in (TAKEN, FAILS_ALONE):
        assert answer.status_code == 200, answer.text
        assert answer.json()["failed_count"] == (row.answer == FAILS_ALONE)
    else:
        assert (answer.status_code, answer.json()["error_code"]) == (400, "EG.00014000")
        assert answer.json()["error_details"].startswith("events.0")


@pytest.mark.parametrize("row", [r for r in ROWS if r.answer == TAKEN], ids=lambda row: row.change)
def test_what_is_taken_is_kept_as_it_was_sent(row: TableRow) -> None:
    event = row.event("shop")
    attributes.refuse_bad_values(event, "events.0")
    logged = attributes.to_logged(event, "p", "c")
    kept = attributes.to_published(logged, "shop", event["type"], event.get("subject") or "")
    wanted = {name: v for name, v in row.delivered("shop").items() if name != "data"}
    assert kept == wanted
    assert {name: type(v) for name, v in kept.items()} == {n: type(v) for n, v in wanted.items()}


def test_an_own_attribute_never_stands_for_the_event_s_own() -> None:
    names = [attributes.ID, attributes.TIME, attributes.PROJECT, attributes.CHANNEL]
    names += [attributes.HOPS, attributes.ROOT]
    logged = attributes.to_logged({"id": "1"} | dict.fromkeys(names, "forged"), "p", "c")
    assert logged == {
        "eventgridowneventgridid": "forged",
        "eventgridowneventgridtime": "forged",
        "eventgridowneventgridproject": "forged",
        "eventgridowneventgridchannel": "forged",
        "eventgridowneventgridhops": "forged",
        "eventgridowneventgridroot": "forged",
        "eventgridid": "1",
        "eventgridproject": "p",
        "eventgridchannel": "c",
    }


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 1.0, 0.5, {}, [], "\x9f", "\U0010ffff"])
def test_a_value_that_no_attribute_can_have_is_refused_by_its_name(value: Any) -> None:
    with pytest.raises(BadValue, match=r"^events\.3\.ext "):
        attributes.refuse_bad_values({"ext": value}, "events.3")
