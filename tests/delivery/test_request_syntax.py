"""What can never be a request is final at once, with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.delivery import AttemptOutcome, DeliveryFailure, OutgoingRequest
from tallystick.delivery.request_syntax import check_request


@pytest.mark.parametrize("method", ["GET", "post", "X-OWN"])
def test_a_token_is_a_method(method: str) -> None:
    check_request(method, [("X-Name", "a\tb é")])


@pytest.mark.parametrize("method", ["", "GET X", "GÉT", "GET\r\nX: y", "GET\0"])
def test_anything_else_is_no_method(method: str) -> None:
    with pytest.raises(DeliveryFailure, match="the method") as refused:
        check_request(method, [])
    assert refused.value.outcome is AttemptOutcome.UNDELIVERABLE


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ü", "a\r\nb", "a\0"])
def test_a_header_has_a_name_of_its_own(name: str) -> None:
    with pytest.raises(DeliveryFailure, match="the header name") as refused:
        check_request("GET", [(name, "value")])
    assert refused.value.outcome is AttemptOutcome.UNDELIVERABLE


@pytest.mark.parametrize("value", ["a\r\nX: b", "\0", "\x7f", "\x1b[31m", "\ud800"])
def test_a_header_has_one_line_without_control_characters(value: str) -> None:
    with pytest.raises(DeliveryFailure, match="the header X-Name would") as refused:
        check_request("GET", [("X-Name", value)])
    assert refused.value.outcome is AttemptOutcome.UNDELIVERABLE


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "url", "headers", "reason"),
    [
        ("GET X", "{}/ok", [], "the method 'GET X' has"),
        ("GET", "{}/ok", [("a b", "c")], "the header name 'a b' has"),
        ("GET", "{}/ok", [("a", "b\nc")], "the header a would"),
        ("GET", "http:///ok", [], "url: must be a URL with a host"),
        ("GET", "http://:80/ok", [], "url: must be a URL with a host"),
        ("GET", "{}:80:80/", [], "url: must be an http or https URL"),
    ],
)
async def test_a_delivery_of_what_can_be_no_request_is_dead_after_one_attempt(
    small_world: Any, endpoint: Any, method: str, url: str, headers: Any, reason: str
) -> None:
    async def build_request(*_: object) -> OutgoingRequest:
        return OutgoingRequest(method, url.format(endpoint.url), headers, b"{}")

    small_world.adapter.build_request = build_request
    event = await small_world.send(f"{endpoint.url}/ok")
    await small_world.deliver()
    delivery = await small_world.only(event)
    assert (delivery.state, delivery.attempts) == ("dead", 1)
    assert delivery.detail.startswith(reason)
    assert await small_world.outcomes(event) == [AttemptOutcome.UNDELIVERABLE]
    assert endpoint.connections == 0
