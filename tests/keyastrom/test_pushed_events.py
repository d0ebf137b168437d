from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tallystick.apis.keyastrom import pushed_events
from tallystick.apis.keyastrom.ingest import Status
from tallystick.apis.keyastrom.pushed_events import PushedEvent
from tallystick.apis.keyastrom.reports import ReportResult
from tallystick.apis.keyastrom.selector import EntityId, EntityTypes, Tag, TagValue
from tallystick.contract.exceptions import Invalid

NOW_MS = 1_764_064_800_000
MINUTE_MS = 60_000
HOST = {"entityIds": ["HOST-1"]}


def body(**members: Any) -> dict[str, Any]:
    event = {"eventType": "CUSTOM_INFO", "description": "d", "source": "s", "attachRules": HOST}
    return event | members


def read(event: Mapping[str, Any]) -> PushedEvent:
    return pushed_events.read_pushed_event(event, json.dumps(event).encode(), NOW_MS)


def faults(**members: Any) -> list[str]:
    with pytest.raises(Invalid) as caught:
        read(body(**members))
    return [violation.name for violation in caught.value.violations]


def test_an_id_and_each_rule_are_a_selector_of_their_own() -> None:
    rule = {
        "meTypes": ["host", "SERVICE"],
        "tags": [
            {"context": "CONTEXTLESS", "key": "stage", "value": "dev"},
            {"context": "AWS", "key": "Name"},
        ],
    }
    rules = {**HOST, "tagRule": [rule, {**rule, "meTypes": ["HOST"]}]}
    pushed = read(body(attachRules=rules))
    ids, first, second = pushed.selectors
    tags = (
        Tag((TagValue("CONTEXTLESS", "stage", "dev"),)),
        Tag((TagValue("AWS", "Name", ""),)),
    )
    assert ids.criteria == (EntityId(("HOST-1",)),)
    assert first.criteria == (EntityTypes(("HOST", "SERVICE")), *tags)
    assert second.criteria == (EntityTypes(("HOST",)), *tags)


def test_members_are_read_back_as_the_properties_that_the_contract_names() -> None:
    pushed = read(
        body(
            eventType="CUSTOM_DEPLOYMENT",
            deploymentName="two",
            deploymentVersion="2",
            customProperties={"Tool": "MyLoadTool", "count": 3},
        )
    )
    assert pushed.ingest.title == "two"
    assert pushed.ingest.properties == {
        "Tool": "MyLoadTool",
        "count": "3",
        "dt.event.source": "s",
        "dt.event.description": "d",
        "dt.event.deployment.name": "two",
        "dt.event.deployment.version": "2",
    }


def test_an_event_that_informs_ends_now_and_a_problem_by_its_timeout() -> None:
    told = read(body(start=NOW_MS - 5, timeoutMinutes=7)).ingest
    problem = body(eventType="ERROR_EVENT", title="t", end=NOW_MS)
    opened = read(problem).ingest
    timed = read({**problem, "timeoutMinutes": 30}).ingest
    assert (told.start_ms, told.end_ms) == (NOW_MS - 5, NOW_MS)
    assert opened.end_ms == NOW_MS + 15 * MINUTE_MS
    assert timed.end_ms == NOW_MS + 30 * MINUTE_MS


def test_a_problem_may_begin_an_hour_ago_and_information_thirty_days() -> None:
    hour, month = 60 * MINUTE_MS, 30 * 24 * 60 * MINUTE_MS
    problem = {"eventType": "ERROR_EVENT", "title": "t"}
    assert read(body(**problem, start=NOW_MS - hour))
    assert read(body(start=NOW_MS - month))
    assert faults(**problem, start=NOW_MS - hour - 1) == ["start"]
    assert faults(start=NOW_MS - month - 1) == ["start"]
    assert faults(end=NOW_MS - 1) == ["end"]


def test_the_old_name_of_a_type_is_read_back_as_the_new_one() -> None:
    old = body(eventType="RESOURCE_CONTENTION", title="t")
    assert read(old).ingest.type == "RESOURCE_CONTENTION_EVENT"


def test_a_number_beside_a_list_is_no_fault_of_its_own() -> None:
    assert faults(customProperties={"dt.event.timeout": 30, "b": []}) == ["customProperties"]


def test_text_that_no_database_can_look_up_is_refused_in_rules() -> None:
    tag = {"context": "AWS", "key": "\ud800", "value": "\0"}
    rules = {"tagRule": [{"meTypes": ["HOST"], "tags": [tag]}]}
    assert faults(attachRules=rules) == ["attachRules", "attachRules"]


def test_the_answer_has_ids_of_information_and_correlation_ids_of_problems() -> None:
    results = [
        ReportResult("HOST-1", Status.OK, "ffffffffffffffff"),
        ReportResult("HOST-2", Status.INVALID_ENTITY_TYPE, None),
    ]
    told = read(body())
    opened = read(body(eventType="ERROR_EVENT", title="t"))
    assert pushed_events.stored_events(told, results) == {
        "storedEventIds": [-1],
        "storedIds": [f"-1_{NOW_MS}"],
        "storedCorrelationIds": [],
    }
    assert pushed_events.stored_events(opened, results) == {
        "storedEventIds": [],
        "storedIds": [],
        "storedCorrelationIds": ["ffffffffffffffff"],
    }
