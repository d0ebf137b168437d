"""What an endpoint answers becomes an event, where its action says so."""

from __future__ import annotations

import pytest

from eventhos_endpoint import Endpoint
from eventhos_world import World, short_live
from tallystick.events import EventSelection


def test_a_reply_is_an_event_with_the_response_for_its_body(
    world: World, endpoint: Endpoint
) -> None:
    endpoint.answers["/"] = (200, b'{"was": "told"}')
    world.open()
    world.put_event("reply")
    world.tie(
        "reply", endpoint.url + "/reply", headers=[{"key": "X", "value": "${.headers.server}"}]
    )
    world.tie("bomb", endpoint.url + "/", reply_to="reply")
    world.send("bomb", short_live())
    world.deliver()
    world.deliver()
    [call] = endpoint.of("/reply")
    assert call.body == b'{"was": "told"}'
    assert call.headers["x"].startswith("BaseHTTP")


@pytest.mark.parametrize(
    ("answer", "body"),
    [(b"", b"null"), (b"no JSON", b'"no JSON"'), (b"\xff", '"\ufffd"'.encode())],
)
def test_a_reply_that_is_no_json_is_an_event_of_its_text(
    world: World, endpoint: Endpoint, answer: bytes, body: bytes
) -> None:
    endpoint.answers["/"] = (200, answer)
    world.open()
    world.put_event("reply")
    world.tie("bomb", endpoint.url + "/", reply_to="reply")
    world.send("bomb", short_live())
    world.deliver()
    assert [
        event.data
        for event in world.run(world.log.list_events(EventSelection(type="reply"))).events
    ] == [body]


def test_a_reply_to_no_event_and_one_too_long_are_no_events(
    world: World, endpoint: Endpoint
) -> None:
    endpoint.answers["/long"] = (200, b" " * 100_000 + b"1")
    world.open()
    world.put_event("reply")
    world.tie("bomb", endpoint.url, reply_to="nothing")
    world.tie("bomb", endpoint.url + "/long", reply_to="reply")
    world.send("bomb", short_live())
    world.deliver()
    assert [run["state"] for run in world.runs()] == ["done", "done"]
    assert len(world.run(world.log.list_events()).events) == 1
