from __future__ import annotations

import json

from tallystick.apis.eventhos.sender_directory import EventhosEventType
from tallystick.apis.eventhos.to_event import to_event
from tallystick.contract.request import Request
from tallystick.events import Event

BOMB = EventhosEventType("new-bomb-k736k3hiW7", "/eventhos/bomber", "bomber")
NOW_MS = 1_764_064_800_000


def received(
    body: bytes = b"{}",
    query: bytes = b"event-identifier=new-bomb-k736k3hiW7",
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> Event:
    return to_event(BOMB, "bomber", Request("POST", "/event/send", query, headers, body), NOW_MS)


def test_the_body_is_kept_byte_by_byte() -> None:
    body = b'{ "n": 1.10, "n": 1e400 , "s":"\\ud800" }\r\n'
    assert received(body).data == body


def test_the_event_says_where_it_came_from() -> None:
    found = received()
    assert (found.api, found.source, found.type) == (
        "eventhos",
        "/eventhos/bomber",
        "new-bomb-k736k3hiW7",
    )
    assert found.time == NOW_MS
    assert json.loads(found.attributes)["client"] == "bomber"


def test_headers_and_query_are_kept_for_the_templates() -> None:
    headers = ((b"host", b"127.0.0.1:8080"), (b"x-colour", b"r\xf8d: b"), (b"x-colour", b"blue"))
    attributes = json.loads(
        received(query=b"event-identifier=a&b=%2F+c", headers=headers).attributes
    )
    assert attributes["headers"] == "host: 127.0.0.1:8080\nx-colour: rød: b\nx-colour: blue"
    assert attributes["query"] == "event-identifier=a&b=%2F+c"


def test_no_secret_is_kept() -> None:
    secrets = [b"access-key", b"authorization", b"cookie", b"proxy-authorization"]
    secrets += [b"Private-Token", b"x-vault-token", b"apikey", b"Ocp-Apim-Subscription-Key"]
    headers = tuple((name, b"hidden") for name in secrets)
    query = b"access-key=hidden&a=b&access%2Dkey=hidden&refreshToken=hidden"
    found = received(query=query, headers=headers)
    assert "hidden" not in found.attributes
    attributes = json.loads(found.attributes)
    assert attributes["headers"].splitlines() == [f"{name.decode()}: ***" for name in secrets]
    assert attributes["query"] == "access-key=***&a=b&access%2Dkey=***&refreshToken=***"


def test_every_attribute_is_text_under_a_name_that_cloudevents_allows() -> None:
    for name, value in json.loads(received().attributes).items():
        assert name.isalnum()
        assert name.islower()
        assert isinstance(value, str)
