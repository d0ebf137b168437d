"""Messages read as CloudEvents, as the Kafka protocol binding and the JSON format say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tallystick.apis.received_batches import ReceivedEvent
from tallystick.events import cloudevent
from tallystick.events.cloudevent_lines import BadLine, from_line, to_line
from tallystick.ingest.received_message import ReceivedMessage, read_event

NOW_MS = 1_769_847_330_123
EVENT = {"specversion": "1.0", "id": "a-1", "source": "/orders", "type": "made"}
TYPE = "application/cloudevents+json"


def structured(members: Any) -> ReceivedEvent:
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    return read_event(ReceivedMessage("t/0/0", TYPE, {}, body), "crm", NOW_MS)


def binary(body: bytes, type_: str = "", **more: str) -> ReceivedEvent:
    return read_event(ReceivedMessage("t/0/0", type_, EVENT | more, body), "crm", NOW_MS)


def test_an_event_is_of_the_api_and_of_the_time_of_its_acceptance() -> None:
    event = structured({**EVENT, "time": "2026-01-01T00:00:00Z", "subject": "5", "x": 1}).event
    assert (event.api, event.source, event.type, event.subject) == ("crm", "/orders", "made", "5")
    assert event.time == NOW_MS
    assert json.loads(event.attributes) == {
        "x": 1, "originid": "a-1", "origintime": "2026-01-01T00:00:00Z"
    }  # fmt: skip


def test_data_is_kept_byte_for_byte() -> None:
    body = json.dumps(EVENT)[:-1].encode() + b',"data":{"b": 1,  "a":1e400}}'
    assert structured(body).event.data == b'{"b": 1,  "a":1e400}'
    assert binary(b'{"b": 1,  "a":1e400}').event.data == b'{"b": 1,  "a":1e400}'


def test_both_modes_make_the_same_event() -> None:
    by_lines = structured({**EVENT, "data": [1], "tag": "x"}).event
    by_headers = binary(b"[1]", "application/json", tag="x").event
    assert by_lines._replace(id="") == by_headers._replace(id="")


def test_text_is_data_as_the_json_format_writes_it() -> None:
    event = binary(b"<a>\xc3\xbc</a>", "text/xml; charset=utf-8").event
    assert event.data == '"<a>ü</a>"'.encode()
    assert cloudevent(event)["datacontenttype"] == "text/xml; charset=utf-8"
    assert binary(b"").event.data == b""


def test_the_same_source_and_id_are_the_same_event() -> None:
    first = structured(EVENT)
    assert first.key == binary(b"[]", time="2026-01-01T00:00:00Z").key
    assert first.key != structured({**EVENT, "id": "a-2"}).key
    assert first.key != structured({**EVENT, "source": "/orders/a"}).key
    assert (
        structured({**EVENT, "source": "/o\n1", "id": "2"}).key
        != structured({**EVENT, "source": "/o", "id": "1\n2"}).key
    )
    assert first.event.id != structured(EVENT).event.id


def test_a_senders_own_attribute_api_is_kept() -> None:
    event = structured({**EVENT, "api": "theirs"}).event
    assert (event.api, json.loads(event.attributes)["api"]) == ("crm", "theirs")
    assert from_line(to_line(event), NOW_MS) == event


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{", b"\xff", b'"x"', b"[" * 100_000,
        json.dumps({**EVENT, "specversion": "0.3"}).encode(),
        json.dumps({**EVENT, "id": ""}).encode(),
        json.dumps({**EVENT, "id": 5}).encode(),
        json.dumps({**EVENT, "id": None}).encode(),
        json.dumps({**EVENT, "id": "\0"}).encode(),
        json.dumps({**EVENT, "type": "\ud800"}).encode(),
        json.dumps({**EVENT, "source": None}).encode(),
        json.dumps({**EVENT, "subject": 5}).encode(),
        json.dumps({**EVENT, "x": "\ud800"}).encode(),
        json.dumps({**EVENT, "time": "yesterday"}).encode(),
        json.dumps({**EVENT, "time": "1960-01-01T00:00:00Z"}).encode(),
        json.dumps({**EVENT, "data_base64": "AA=="}).encode(),
    ],
    ids=range(19),
)  # fmt: skip
def test_what_is_no_event_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(BadLine) as refused:
        structured(body)
    assert str(refused.value)


@pytest.mark.parametrize(
    ("attributes", "type_", "body"),
    [
        ({}, "", b"{}"),
        ({}, "application/json", b"{}"),
        ({}, "application/cloudevents-batch+json", b"[]"),
        ({**EVENT, "specversion": "0.3"}, "", b"{}"),
        ({"specversion": "1.0"}, "", b"{}"),
        (EVENT, "", b"{"),
        (EVENT, "application/octet-stream", b"\xff\x00"),
        (EVENT, "text/plain", b"\xff"),
        ({**EVENT, "subject": "a\udcffb"}, "", b"{}"),
        ({**EVENT, "x": "a\udcffb"}, "", b"{}"),
        (EVENT, "text/\udcff", b"x"),
    ],
    ids=range(11),
)
def test_a_binary_message_that_is_no_event_is_refused(
    attributes: dict[str, str], type_: str, body: bytes
) -> None:
    with pytest.raises(BadLine):
        read_event(ReceivedMessage("t/0/0", type_, attributes, body), "crm", NOW_MS)
