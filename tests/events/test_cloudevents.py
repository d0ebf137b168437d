"""Events are written as CloudEvents."""

from __future__ import annotations

import orjson
import pytest

from tallystick.events import Event, cloudevent

EVENT = Event(
    id="019aa5b1-6d00-7c2e-8d1f-3b0a5f7c9e21",
    api="event_store",
    source="/event_store/EDF",
    type="START_EC2",
    subject="525060831330",
    time=1_769_847_330_123,
    data=b'{"cl":"EDF",  "n":1e400}',
    attributes='{"client":"dev"}',
)


def test_an_event_is_written_as_a_cloudevent_with_its_data_as_sent() -> None:
    assert orjson.dumps(cloudevent(EVENT)) == (
        b'{"specversion":"1.0","id":"019aa5b1-6d00-7c2e-8d1f-3b0a5f7c9e21",'
        b'"source":"/event_store/EDF","type":"START_EC2","time":"2026-01-31T08:15:30.123Z",'
        b'"client":"dev","subject":"525060831330","datacontenttype":"application/json",'
        b'"data":{"cl":"EDF",  "n":1e400}}'
    )


def test_a_subject_that_is_not_there_is_left_out() -> None:
    assert "subject" not in cloudevent(EVENT._replace(subject=""))


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (999, "1970-01-01T00:00:00.999Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
        (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
    ],
)
def test_a_time_is_written_in_milliseconds_of_utc(time: int, text: str) -> None:
    assert cloudevent(EVENT._replace(time=time))["time"] == text
