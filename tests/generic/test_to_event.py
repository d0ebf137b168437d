"""An accepted call is an event that tells the operation, the path and what was sent."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.operations import ContractCall, ContractOperation
from tallystick.apis.generic.to_event import to_event
from tallystick.contract.request import Request

OPERATION = ContractOperation("addPet", "/pets", "POST", "crm", None)


def event_data(raw: bytes, media_type: bytes, value: Any) -> bytes:
    request = Request("POST", "/v2/pets", b"", [(b"content-type", media_type)], raw)
    call = ContractCall(OPERATION, {"body": value}, request)
    event = to_event("crm", call, "7", 1_769_847_330_000)
    assert (event.type, event.source, event.subject) == ("crm.addPet", "/crm/v2/pets", "7")
    assert event.attributes == '{"httpmethod":"POST"}'
    return event.data


@pytest.mark.parametrize(
    ("raw", "media_type", "value", "expected"),
    [
        (b'{ "a": 1 }', b"application/json", {"a": 1}, b'{ "a": 1 }'),
        (b"a=1", b"application/x-www-form-urlencoded", {"a": 1}, b'{"a":1}'),
        (b"\x00\xff", b"application/octet-stream", b"\x00\xff", b'"AP8="'),
        (b"", b"application/json", None, b""),
    ],
)
def test_the_data_are_json_whatever_was_sent(
    raw: bytes, media_type: bytes, value: Any, expected: bytes
) -> None:
    assert event_data(raw, media_type, value) == expected
