from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.gateway.filters import (
    SIZE_LIMIT,
    Attributes,
    FilterError,
    check_filters,
    parse_filter,
)
from tallystick.events import Event, new_id

EVENT = Event(
    id=new_id(1_764_064_800_000),
    api="event_store",
    source="/event_store/EDF",
    type="START_EC2",
    subject="",
    time=1_764_064_800_000,
    data=b"{}",
    attributes='{"region":"eu-west-3","level":3,"open":true}',
)


def matches(*filters: Any) -> bool:
    return parse_filter(filters)(Attributes(EVENT))


@pytest.mark.parametrize(
    "given",
    [
        {"exact": {"type": "START_EC2"}},
        {"exact": {"type": "START_EC2", "source": "/event_store/EDF"}},
        {"exact": {"region": "eu-west-3"}},
        {"exact": {"level": "3", "open": "true", "specversion": "1.0"}},
        {"prefix": {"source": "/event_store/", "time": "2025-11-25T"}},
        {"suffix": {"type": "_EC2"}},
        {"all": [{"prefix": {"type": "START"}}, {"suffix": {"type": "EC2"}}]},
        {"any": [{"exact": {"type": "STOP_EC2"}}, {"exact": {"type": "START_EC2"}}]},
        {"not": {"exact": {"type": "STOP_EC2"}}},
        {"not": {"exact": {"subject": "a"}}},
        {"not": {"not": {"any": [{"all": [{"exact": {"type": "START_EC2"}}]}]}}},
    ],
)
def test_it_matches(given: Any) -> None:
    assert matches(given)


@pytest.mark.parametrize(
    "given",
    [
        {"exact": {"type": "start_ec2"}},
        {"exact": {"type": "START_EC2", "source": "/other"}},
        {"prefix": {"type": "EC2"}},
        {"suffix": {"type": "START"}},
        {"exact": {"subject": "a"}},
        {"prefix": {"nothing": "a"}},
        {"all": [{"prefix": {"type": "START"}}, {"suffix": {"type": "S3"}}]},
        {"any": [{"exact": {"type": "STOP_EC2"}}]},
        {"not": {"exact": {"type": "START_EC2"}}},
    ],
)
def test_it_does_not(given: Any) -> None:
    assert not matches(given)


def test_several_filters_must_all_match() -> None:
    assert matches({"prefix": {"type": "START"}}, {"suffix": {"type": "EC2"}})
    assert not matches({"prefix": {"type": "START"}}, {"suffix": {"type": "S3"}})


def test_no_filter_matches_everything() -> None:
    assert matches()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "filters.0 must be an object with one of"),
        ({"exact": {"a": "b"}, "not": {}}, "filters.0 must be an object with one of"),
        ({"sql": "x"}, "filters.0.sql must be one of"),
        ({"exact": {}}, "filters.0.exact must have an attribute"),
        ({"exact": {"a": ""}}, "filters.0.exact.a must be a text"),
        ({"exact": {"a": 1}}, "filters.0.exact.a must be a text"),
        ({"all": []}, "filters.0.all must be a list"),
        ({"any": [{"not": 3}]}, "filters.0.any.0.not must be an object"),
    ],
)
def test_a_filter_that_is_none_is_refused_with_its_place(given: Any, message: str) -> None:
    with pytest.raises(FilterError, match=message):
        parse_filter([given])


def test_filters_are_kept_up_to_a_size() -> None:
    fits = [{"any": [{"exact": {"source": f"/shop/{n:03}"}} for n in range(500)]}]
    check_filters(fits)
    for more in ([{"exact": {"source": "x" * SIZE_LIMIT}}], fits * 5):
        parse_filter(more)  # as kept by an earlier version
        with pytest.raises(FilterError, match="filters must have at most 65536 bytes"):
            check_filters(more)


def test_a_filter_that_never_ends_is_refused() -> None:
    given: Any = {"exact": {"a": "b"}}
    for _ in range(30):
        given = {"not": given}
    with pytest.raises(FilterError, match="nested"):
        parse_filter([given])
