"""An event becomes a line and the same event again; a line of others becomes an event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from events.test_log import an_event as event_at
from tallystick.events.cloudevent_lines import BadLine, from_line, to_line
from tallystick.events.event import Event
from tallystick.events.ids import PATTERN, Ids, time_of

NOW_MS = 1_769_847_330_123


def an_event(**fields: Any) -> Event:
    return event_at(NOW_MS, **fields)


def a_line(**members: Any) -> bytes:
    usual = {"specversion": "1.0", "id": "a-1", "source": "/crm/shop", "type": "sold"}
    members = {name: value for name, value in (usual | members).items() if value is not ...}
    return json.dumps(members).encode()


@pytest.mark.parametrize(
    "event",
    [
        an_event(),
        an_event(subject=""),
        an_event(data=b""),
        an_event(data=b'{"a":  1e400, "b": "\\ud800", "a": 2}'),
        an_event(data=b'{"text":",\\"data\\":1}","data":{"data":[",","data"]}}'),
        an_event(data=b"1.50"),
        an_event(source="urn:shop", api="eventgrid"),
        an_event(subject=',"data":{}', attributes='{"quote":"\\",\\"data\\":"}'),
        an_event(attributes='{"datacontenttype":"application/json","count":3}'),
        an_event(attributes='{"api":"theirs","tallystickownapi":"a name of ours"}'),
        an_event(attributes='{"client":"d\u00e9v"}', source="/event_store/\u2028\U0001f600"),
    ],
)
def test_an_event_comes_back_from_its_line_as_it_was(event: Event) -> None:
    line = to_line(event)
    assert line.count(b"\n") == 1
    assert from_line(line, 0) == event


def test_line_breaks_between_tokens_of_the_data_become_spaces() -> None:
    line = to_line(an_event(data=b'{\r\n "a": "\\n"\n}'))
    assert from_line(line, 0).data == b'{   "a": "\\n" }'


def test_an_id_of_others_becomes_an_attribute_and_ours_has_the_time() -> None:
    line = a_line(time="2026-01-31T09:15:30.123+01:00")
    event = from_line(line, 0)
    assert (event.api, event.time, json.loads(event.attributes)) == (
        "crm",
        NOW_MS,
        {"originid": "a-1"},
    )
    assert PATTERN.fullmatch(event.id)
    assert time_of(event.id) == NOW_MS
    assert from_line(line, 99) == event


def test_ids_of_others_differ_by_source_and_id() -> None:
    lines = [
        a_line(time="2026-01-31T08:15:30Z", **named)
        for named in ({}, {"id": "a-2"}, {"source": "/crm/x"})
    ]
    assert len({from_line(line, 0).id for line in lines}) == 3


def test_an_id_whose_time_is_far_from_the_event_s_is_one_of_others() -> None:
    id_ = Ids().new(NOW_MS)
    event = from_line(a_line(id=id_, time="2020-01-01T00:00:00Z"), 0)
    assert json.loads(event.attributes) == {"originid": id_}


def test_an_attribute_of_others_takes_no_column_s_place() -> None:
    event = from_line(a_line(tallystickownsource="/else"), 0)
    assert json.loads(event.attributes) == {"tallystickownsource": "/else", "originid": "a-1"}
    assert from_line(to_line(event), 0) == event


def test_the_time_is_that_of_the_id_or_else_the_import_s() -> None:
    assert from_line(a_line(id=Ids().new(NOW_MS)), 5).time == NOW_MS
    assert from_line(a_line(), 5).time == 5


@pytest.mark.parametrize(
    ("line", "data"),
    [
        (b'{"data": {"a" :1} ,"specversion":"1.0","id":"1","source":"/a","type":"t"}', b'{"a" :1}'),
        (a_line(data=None), b""),
        (
            b'{"specversion":"1.0","id":"1","source":"/a","type":"t","x":{"y":1,"data":2},"data":3}',
            b"3",
        ),
        (b'{"data":1,"specversion":"1.0","id":"1","source":"/a","type":"t","data":2} ', b"2"),
    ],
)
def test_data_is_kept_as_it_is_written_wherever_it_stands(line: bytes, data: bytes) -> None:
    assert from_line(line, 0).data == data


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"x", "is not JSON: expecting value at line 1, column 1"),
        (b"\xff", "is not UTF-8"),
        (b"[" * 100_000, "is nested deeper than"),
        (b"[]", "is no JSON object"),
        (b"{}", 'specversion must be "1.0"'),
        (a_line(id=...), "id must be a text that is not empty"),
        (a_line(type=""), "type must be a text that is not empty"),
        (a_line(source=5), "source must be a text that is not empty"),
        (a_line(subject="\0"), "subject has a character that can't be stored"),
        (a_line(type="\ud800"), "type has a character that can't be stored"),
        (a_line(more="\ud800"), "has half a surrogate pair outside of data"),
        (a_line(more={"a": ["\udc00"]}), "has half a surrogate pair outside of data"),
        (a_line(time="yesterday"), "time must be a time as in RFC 3339"),
        (a_line(time="1969-12-31T23:59:59Z"), "time must be in the years 1970 to 9999"),
        (a_line(time="9999-12-31T23:59:59-00:01"), "time must be in the years 1970 to 9999"),
        (
            a_line(id="ffffffff-ffff-7000-8000-000000000000"),
            "time must be in the years 1970 to 9999",
        ),
        (a_line(source="///"), "api is missing"),
        (a_line(api=7), "api must be a text"),
        (a_line(data_base64="eA=="), "data_base64 is not supported"),
        (b'{"specversion":"1.0","id":"1","source":"/a","type":"t","data":{]}', "is not JSON"),
    ],
)
def test_a_line_that_is_no_event_is_refused_with_the_reason(line: bytes, reason: str) -> None:
    with pytest.raises(BadLine, match=f"^{reason.replace('[', '.')}"):
        from_line(line, 0)
