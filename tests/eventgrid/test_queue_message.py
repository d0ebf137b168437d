"""A message of a queue is a CloudEvent, is wrapped in one, or says why it can't be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tallystick.apis.eventgrid.queue_message import QueueMessage, UnreadableMessage, read_message

EVENT = {"specversion": "1.0", "id": "1", "source": "/app", "type": "made"}
LIMIT = 1_000


def message(body: bytes = b"", **members: Any) -> QueueMessage:
    plain = QueueMessage(body, {}, "", "", "", "orders", None)
    return plain._replace(**members)


def read(given: QueueMessage) -> tuple[dict[str, Any], bytes]:
    found = read_message(given, "shop", "new-id", LIMIT)
    return dict(found.event), found.data


def structured(event: Any) -> QueueMessage:
    return message(json.dumps(event).encode(), content_type="Application/CloudEvents+JSON")


def test_a_structured_event_is_kept_as_it_is() -> None:
    event = {**EVENT, "data": {"n": 1}, "mine": True}
    assert read(structured(event)) == (event, b'{"n": 1}')


@pytest.mark.parametrize("prefix", ["cloudEvents:", "cloudEvents_"])
def test_headers_with_the_prefix_of_cloudevents_are_attributes(prefix: str) -> None:
    headers = {f"{prefix}{name}": value for name, value in EVENT.items()} | {"other": 1}
    event, data = read(message(b"[1]", headers=headers, content_type="application/json"))
    assert event == {**EVENT, "datacontenttype": "application/json", "data": [1]}
    assert data == b"[1]"


def test_another_message_is_wrapped_with_its_headers_as_extensions() -> None:
    when = datetime(2026, 1, 31, 8, 15, 30, tzinfo=UTC)
    headers = {"X-Shop": "a", "n": 7, "big": 2**40, "when": when, "raw": b"\xff", "-": "no name"}
    event, data = read(message(b"plain", headers=headers | {"data": [when]}, time=when, id="m"))
    assert event == {
        "specversion": "1.0",
        "id": "m",
        "source": "shop",
        "type": "rabbitmq.message",
        "subject": "orders",
        "time": "2026-01-31T08:15:30.000Z",
        "xshop": "a",
        "n": 7,
        "big": str(2**40),
        "when": str(when),
        "raw": "\ufffd",
        "headerdata": f'["{when}"]',
        "data": "plain",
    }
    assert data == b'"plain"'


def test_a_message_is_known_by_its_id() -> None:
    def identity(given: QueueMessage) -> Sequence[str | bytes]:
        return read_message(given, "shop", "new-id", LIMIT).identity

    plain = message(b"1", id="order-7", type="made", headers={"x-delivery-count": 1})
    assert identity(plain) == identity(plain._replace(headers={"x-delivery-count": 2}))
    others = [
        plain._replace(type="paid"),
        plain._replace(body=b"2"),
        plain._replace(id="order-8"),
        plain._replace(routing_key="us"),
        plain._replace(time=datetime(2026, 1, 31, tzinfo=UTC)),
        plain._replace(time=datetime(2026, 2, 1, tzinfo=UTC)),
    ]
    assert len(set(map(identity, [plain, *others]))) == 1 + len(others)
    assert identity(message(b"1")) == ()
    binary = {f"cloudEvents:{name}": value for name, value in EVENT.items()}
    assert identity(structured(EVENT | {"data": 1})) == identity(message(b"2", headers=binary))
    assert identity(structured(EVENT)) != identity(structured(EVENT | {"id": "2"}))


def test_a_message_without_an_id_or_a_body_is_an_event() -> None:
    event, data = read(message())
    assert (event["id"], data, "data" in event) == ("new-id", b"", False)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (message(b"x" * (LIMIT + 1)), "1001 bytes"),
        (message(b"{", content_type="application/json"), "its body is not JSON"),
        (message(b"\xff"), "neither JSON nor text"),
        (structured([]), "no JSON object"),
        (structured(EVENT | {"id": 7}), "id must be"),
        (structured(EVENT | {"id": "\ud800"}), "id has a character"),
        (structured(EVENT | {"Bad": "x"}), "Bad"),
        (structured(EVENT | {"mine": {"a": 1}}), "mine must be"),
        (structured(EVENT | {"data_base64": "AA=="}), "data_base64"),
        (structured({**EVENT, "datacontenttype": "text/plain"}), "datacontenttype"),
        (structured({"specversion": "1.0"}), "is missing"),
        (message(headers={"a": "\x00"}), "character"),
        (message(type="t" * 1_025), "type"),
        (message(id="\x01"), "id"),
    ],
)
def test_a_message_that_is_no_event_says_why(given: QueueMessage, reason: str) -> None:
    with pytest.raises(UnreadableMessage, match=reason):
        read(given)
