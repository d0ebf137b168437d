"""A filter that can't be tried says why, without an error of the service."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.eventgrid.tried_filter import try_filter
from tallystick.contract.exceptions import Invalid

FILTER = {"source": [{"op": "StringIn", "values": ["name"]}]}


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else 1


def test_an_event_that_fits_has_no_mismatches() -> None:
    body = {"filter": FILTER, "event": {"source": "name"}}
    assert try_filter(body) == {"matches": True, "mismatches": []}


@pytest.mark.parametrize(
    ("filter_", "event", "name"),
    [
        ({}, {}, "filter"),
        ({**FILTER, "time": []}, {}, "filter"),
        ({**FILTER, "data": {"\ud800": [{"op": "IsNull"}]}}, {}, "filter"),
        ({**FILTER, "data": nested(60)}, {}, "filter"),
        (FILTER, {"source": "\ud800"}, "event"),
        (FILTER, {"data": "\0"}, "event"),
        (FILTER, {"data": nested(60)}, "event"),
    ],
)
def test_what_can_t_be_tried_is_named(filter_: Any, event: Any, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        try_filter({"filter": filter_, "event": event})
    assert [violation.name for violation in refused.value.violations] == [name]
