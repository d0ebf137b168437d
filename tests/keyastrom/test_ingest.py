from __future__ import annotations

import json
from typing import Any

import pytest

from instruction_count import InstructionCount
from tallystick.apis.keyastrom.event_types import EVENT_TYPES, PROBLEM_TYPES
from tallystick.apis.keyastrom.ingest import DAY_MS, HOUR_MS, MINUTE_MS, Ingest, Status, read_ingest
from tallystick.contract import json_text
from tallystick.contract.exceptions import Invalid

NOW = 1_764_064_800_000
_NO_TEXT = "must be a string, a number or a boolean"


def ingest(**members: Any) -> Ingest:
    body = {"eventType": "CUSTOM_INFO", "title": "Loadtest start", **members}
    return read_ingest(body, json.dumps(body).encode(), NOW)


def status(entity_type: str = "HOST", **members: Any) -> Status:
    return ingest(**members).status(entity_type)


def violations(**members: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        ingest(**members)
    return [(".".join(map(str, v.path)), v.message) for v in refused.value.violations]


def test_an_event_begins_now_and_lasts_15_minutes() -> None:
    assert (ingest().start_ms, ingest().end_ms) == (NOW, NOW + 15 * MINUTE_MS)


def test_nulls_count_as_absent() -> None:
    nulls = dict.fromkeys(("startTime", "endTime", "timeout", "entitySelector", "properties"))
    assert ingest(**nulls) == ingest()


def test_a_timeout_is_capped_at_360_minutes() -> None:
    assert ingest(timeout=360).end_ms == NOW + 6 * HOUR_MS
    assert ingest(timeout=2**62).end_ms == NOW + 6 * HOUR_MS


def test_an_end_beats_a_timeout() -> None:
    assert ingest(timeout=30, endTime=NOW + 1).end_ms == NOW + 1


def test_a_timeout_runs_from_the_start() -> None:
    assert ingest(timeout=30, startTime=NOW - HOUR_MS).end_ms == NOW - HOUR_MS + 30 * MINUTE_MS


@pytest.mark.parametrize("event_type", sorted(PROBLEM_TYPES))
@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (-6 * HOUR_MS, Status.OK),
        (-6 * HOUR_MS - 1, Status.INVALID_TIMESTAMPS),
        (5 * MINUTE_MS, Status.OK),
        (5 * MINUTE_MS + 1, Status.INVALID_TIMESTAMPS),
    ],
)
def test_a_problem_begins_at_most_6_hours_ago_and_5_minutes_ahead(
    event_type: str, start: int, expected: Status
) -> None:
    assert status(eventType=event_type, startTime=NOW + start) is expected


@pytest.mark.parametrize("event_type", sorted({t.type for t in EVENT_TYPES} - PROBLEM_TYPES))
@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (-30 * DAY_MS, Status.OK),
        (-30 * DAY_MS - 1, Status.INVALID_TIMESTAMPS),
        (7 * DAY_MS, Status.OK),
        (7 * DAY_MS + 1, Status.INVALID_TIMESTAMPS),
    ],
)
def test_a_piece_of_information_is_at_most_30_days_old_and_7_days_early(
    event_type: str, start: int, expected: Status
) -> None:
    assert status(eventType=event_type, startTime=NOW + start) is expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 0, Status.OK),
        (0, -1, Status.INVALID_TIMESTAMPS),
        (-HOUR_MS, -HOUR_MS + 1, Status.OK),
        (0, 5 * MINUTE_MS, Status.OK),
        (0, 5 * MINUTE_MS + 1, Status.INVALID_TIMESTAMPS),
    ],
)
def test_an_end_is_not_before_the_start_and_within_the_same_bounds(
    start: int, end: int, expected: Status
) -> None:
    times: dict[str, Any] = {"startTime": NOW + start, "endTime": NOW + end}
    assert status(eventType="ERROR_EVENT", **times) is expected


@pytest.mark.parametrize("time", [-(2**63), 0, 2**63 - 1])
@pytest.mark.parametrize("name", ["startTime", "endTime"])
def test_any_int64_is_a_time(name: str, time: int) -> None:
    times: dict[str, Any] = {name: time}
    assert status(**times) is Status.INVALID_TIMESTAMPS


def test_only_a_host_can_be_marked_for_termination() -> None:
    assert status("HOST", eventType="MARKED_FOR_TERMINATION") is Status.OK
    assert status("SERVICE", eventType="MARKED_FOR_TERMINATION") is Status.INVALID_ENTITY_TYPE
    assert status("SERVICE", eventType="CUSTOM_DEPLOYMENT") is Status.OK


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("allowDavisMerge", "false"),
        ("dt", "anything"),
        ("dtx.y", "anything"),
        ("dt.event.allow_davis_merge", "false"),
        ("dt.event.allow_davis_merge", True),
        ("dt.event.suppress_problem", "true"),
        ("dt.event.allow_frequent_issue_detection", "true"),
        ("dt.event.allow_entity_remapping", "true"),
        ("dt.event.is_rootcause_relevant", "true"),
        ("dt.event.timeout", "30"),
        ("dt.event.timeout", 30),
        ("dt.event.source", "cron"),
        ("dt.event.title", "any"),
        ("dt.event.description", ""),
        ("dt.event.preferred_entity_type", "HOST"),
        ("dt.event.deployment.name", "v2"),
        ("dt.davis.any", "x"),
        ("dt.entity.host", "HOST-1"),
    ],
)
def test_users_keys_and_some_reserved_ones_can_be_set(key: str, value: str | bool | int) -> None:
    assert status(properties={key: value}) is Status.OK


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dt.", "x"),
        ("dt.other", "x"),
        ("dt.event.unknown", "x"),
        ("dt.event.deployment.", "x"),
        ("dt.davis.", "x"),
        ("dt.event.title\n", "x"),
        ("dt.event.allow_davis_merge", "maybe"),
        ("dt.event.allow_davis_merge", "true\n"),
        ("dt.event.suppress_problem", 1),
        ("dt.event.timeout", "0"),
        ("dt.event.timeout", "soon"),
        ("dt.event.timeout", 1.5),
    ],
)
def test_other_reserved_keys_and_unsuitable_values_are_invalid_metadata(
    key: str, value: str | float
) -> None:
    assert status(properties={key: value}) is Status.INVALID_METADATA


def test_numbers_and_booleans_become_text() -> None:
    given = {"a": 1, "b": 1.5, "c": True, "d": False, "e": "x", "f": -(10**30)}
    assert ingest(properties=given).properties == {
        "a": "1",
        "b": "1.5",
        "c": "true",
        "d": "false",
        "e": "x",
        "f": "-1000000000000000000000000000000",
    }


def test_a_number_becomes_the_text_that_it_is_written_with() -> None:
    numbers = (
        b'{"version": 1.10, "n": 1E2, "long": 12345678901234567890123, "huge": 1e400, "z": -0}'
    )
    body = b'{"eventType":"CUSTOM_INFO","title":"t","properties":%b}' % numbers
    read = read_ingest(json_text.read_json(body), body, NOW)
    assert read.properties == {
        "version": "1.10",
        "n": "1E2",
        "long": "12345678901234567890123",
        "huge": "1e400",
        "z": "-0",
    }


@pytest.mark.parametrize("value", [None, [], {}, ["x"]])
def test_other_values_are_violations(value: object) -> None:
    assert violations(properties={"a.b": value, "c": "fine"}) == [("properties.a.b", _NO_TEXT)]


def test_a_number_beside_lists_is_sought_in_no_refused_body() -> None:
    def count(number: object) -> int:
        body = {"properties": {"a": number, "b": [[]] * 10_000}}
        steps = InstructionCount()
        with steps.taken():
            assert violations(**body) == [("properties.b", _NO_TEXT)]
        return steps.instructions

    assert count(1) < 2 * count("1") < 10_000


def test_values_have_at_most_4096_characters() -> None:
    ingest(properties={"a": "ä" * 4096})
    assert violations(properties={"a": "ä" * 4097}) == [
        ("properties.a", "must have at most 4096 characters")
    ]


def test_an_unreadable_selector_is_a_violation_beside_the_others() -> None:
    assert violations(entitySelector="type(HOST", properties={"a": None}) == [
        (
            "entitySelector",
            "Parse error: Got unexpected end of the selector. "
            "Found near 1-based column range [10,11).",
        ),
        ("properties.a", _NO_TEXT),
    ]


def test_an_empty_selector_is_unreadable() -> None:
    assert [path for path, _ in violations(entitySelector="")] == ["entitySelector"]
