"""Events as messages, as the Kafka protocol binding of CloudEvents 1.0 writes them."""

from __future__ import annotations

import json

from tallystick.delivery.destinations.kafka.message import write_message
from tallystick.events import Event

EVENT = Event("1", "crm", "/crm", "made", "ü 5", 0, b'{"n": 5}', '{"ext": 5, "tag": "a b"}')


def test_a_structured_message_is_the_cloudevent() -> None:
    message = write_message(EVENT, "structured", "subject")
    assert message.headers == [("content-type", "application/cloudevents+json; charset=UTF-8")]
    assert json.loads(message.value) == {
        "specversion": "1.0", "id": "1", "source": "/crm", "type": "made", "subject": "ü 5",
        "time": "1970-01-01T00:00:00.000Z", "ext": 5, "tag": "a b",
        "datacontenttype": "application/json", "data": {"n": 5},
    }  # fmt: skip


def test_a_binary_message_is_the_data_and_a_header_for_each_attribute() -> None:
    message = write_message(EVENT, "binary", "subject")
    assert message.value == EVENT.data
    assert dict(message.headers) == {
        "content-type": "application/json", "ce_specversion": "1.0", "ce_id": "1",
        "ce_source": "/crm", "ce_type": "made", "ce_subject": "ü 5", "ce_ext": "5",
        "ce_tag": "a b", "ce_time": "1970-01-01T00:00:00.000Z",
    }  # fmt: skip


def test_the_key_is_the_subject_or_else_the_id() -> None:
    assert write_message(EVENT, "binary", "subject").key == "ü 5"
    assert write_message(EVENT, "binary", "id").key == "1"
    assert write_message(EVENT._replace(subject=""), "binary", "subject").key == "1"
