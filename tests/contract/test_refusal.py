"""A request that the connection refuses is told so in the shape of the API that it called."""

from __future__ import annotations

import pytest

from parcels import plan
from tallystick.contract.exceptions import HeadTooLarge, RequestTimeout
from tallystick.contract.refusal import render_refusal


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("POST", b"/parcels/7", "sendParcel"),
        ("DELETE", b"/parcels/7", None),
        ("POST", b"/nowhere", None),
        ("POST", b"/parcels/%ff", None),
    ],
)
def test_a_refusal_names_the_operation_where_there_is_one(
    method: str, path: bytes, operation: str | None
) -> None:
    scope = {"method": method, "raw_path": path, "problem": HeadTooLarge()}
    found, answer = render_refusal(plan(), scope)
    assert (found.id if found else None) == operation
    assert (answer.status, answer.body["title"]) == (431, "Request Header Fields Too Large")


def test_a_refusal_says_what_is_wrong() -> None:
    scope = {"method": "POST", "raw_path": b"/parcels/7", "problem": RequestTimeout()}
    _, answer = render_refusal(plan(), scope)
    assert answer.body["detail"] == "The request came too slowly."
