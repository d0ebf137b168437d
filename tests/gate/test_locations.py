"""The address of what was made ends with its id."""

from __future__ import annotations

import pytest
from tallystick.contract_tests.locations import is_elsewhere
from tallystick.contract_tests.wire import WireReply


@pytest.mark.parametrize(
    ("status", "address", "item_id"),
    [
        (201, "/orders/7", 7),
        (201, "https://shop.example/v1/orders/7/?shown=all#top", "7"),
        (201, "7", 7),
        (201, "/orders/a%20b%2Fc", "a b/c"),
        (202, "/jobs/1", 7),
        (201, None, 7),
    ],
)
def test_an_address_that_ends_with_the_id_or_is_none_is_right(
    status: int, address: str | None, item_id: object
) -> None:
    headers = (("location", address),) if address else ()
    assert not list(is_elsewhere(WireReply(status, headers, b"{}"), item_id))


@pytest.mark.parametrize("address", ["/orders/70", "/orders", "/orders/7/lines", ""])
def test_another_address_is_said_with_the_id(address: str) -> None:
    [objection] = is_elsewhere(WireReply(201, (("Location", address),), b"{}"), 7)
    assert objection == f"Location is {address}, which does not end with the id 7"
