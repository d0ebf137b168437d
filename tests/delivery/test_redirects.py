"""Redirects are followed for a request that allows them, and each address is checked."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.delivery import Addresses, AttemptOutcome, DeliveryFailure, OutgoingRequest, Sender
from tallystick.delivery.adapter import EndpointResponse
from tallystick.delivery.addresses import LOOPBACK
from tallystick.delivery.redirects import redirect_request

pytestmark = pytest.mark.anyio

HEADERS = [("Content-Type", "application/json"), ("X-API-Key", "secret"), ("X-Job", "Leader")]


def redirected(
    status: int, location: str, method: str = "POST", redirects: int = 5
) -> tuple[OutgoingRequest, Any]:
    outgoing = OutgoingRequest(
        method, "https://a.example.com/x?y", HEADERS, b"{}", redirects=redirects
    )
    found = redirect_request(
        outgoing, HEADERS, EndpointResponse(status, [("location", location)], b"")
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "method", "sent"),
    [
        (301, "POST", ("GET", b"")),
        (302, "POST", ("GET", b"")),
        (303, "PUT", ("GET", b"")),
        (302, "PUT", ("PUT", b"{}")),
        (307, "POST", ("POST", b"{}")),
        (308, "POST", ("POST", b"{}")),
        (303, "HEAD", ("HEAD", b"{}")),
    ],
)
def test_the_status_decides_method_and_body(
    status: int, method: str, sent: tuple[str, bytes]
) -> None:
    following, headers = redirected(status, "/z", method)
    assert (following.method, following.body) == sent
    assert (following.url, following.redirects) == ("https://a.example.com/z", 4)
    assert ("Content-Type" in dict(headers)) == (sent[1] != b"")


def test_another_origin_gets_no_secret_header() -> None:
    _, headers = redirected(307, "https://b.example.com/")
    assert dict(headers) == {"Content-Type": "application/json", "X-Job": "Leader"}
    _, headers = redirected(307, "https://a.example.com:443/z")
    assert dict(headers) == dict(HEADERS)


@pytest.mark.parametrize("location", ["ftp://a.example.com/", "http://[", "", "mailto:a@b.c"])
def test_a_place_that_can_not_be_called_is_no_redirect(location: str) -> None:
    outgoing = OutgoingRequest("POST", "https://a.example.com/", redirects=5)
    response = EndpointResponse(302, [("Location", location)], b"")
    assert redirect_request(outgoing, (), response) is None


async def follow(url: str, redirects: int) -> EndpointResponse:
    sender = Sender(Addresses(LOOPBACK))
    try:
        return await sender.send_request(OutgoingRequest("POST", url, redirects=redirects))
    finally:
        await sender.close()


async def test_redirects_end_at_the_limit(endpoint: Any) -> None:
    assert (await follow(f"{endpoint.url}/302", 0)).status == 302
    assert endpoint.paths == ["/302"]
    assert (await follow(f"{endpoint.url}/302-loop", 5)).status == 302
    assert endpoint.paths[1:] == ["/302-loop"] * 6


async def test_a_redirect_to_a_private_address_is_refused(endpoint: Any) -> None:
    with pytest.raises(DeliveryFailure) as refused:
        await follow(f"{endpoint.url}/302-private", 5)
    assert refused.value.outcome is AttemptOutcome.FORBIDDEN
    assert endpoint.paths == ["/302-private"]
