"""An accepted ingest is one event of the log, however many entities it is about."""

from __future__ import annotations

import json

from keyastrom_world import INFO, NOW
from tallystick.apis.keyastrom.entities import ENVIRONMENT
from tallystick.apis.keyastrom.ingest import Status, read_ingest
from tallystick.apis.keyastrom.reports import ReportResult
from tallystick.apis.keyastrom.to_event import IngestCall, to_event
from tallystick.events import Event

BODY = b'{ "eventType": "CUSTOM_INFO", "title": "Load test" }'


def event(*results: ReportResult, selector: str | None = None) -> Event:
    call = IngestCall("id", "mine", read_ingest(INFO, BODY, NOW), selector, BODY, NOW)
    return to_event(call, results)


def test_the_body_is_kept_as_it_was_sent() -> None:
    found = event()
    assert (found.id, found.time, found.data) == ("id", NOW, BODY)
    assert (found.api, found.source, found.type) == ("keyastrom", "/keyastrom/mine", "CUSTOM_INFO")


def test_the_subject_is_the_selector_or_the_environment() -> None:
    assert event().subject == ENVIRONMENT.id
    assert event(selector="type(HOST)").subject == "type(HOST)"
    assert event(selector="").subject == ""


def test_reports_are_counted_and_their_correlation_ids_are_named() -> None:
    refused = ReportResult("H1", Status.INVALID_METADATA, None)
    both = event(ReportResult("H2", Status.OK, "a1"), refused, ReportResult("H3", Status.OK, "b2"))
    assert json.loads(both.attributes) == {"reportcount": 3, "correlationids": "a1 b2"}
    assert json.loads(event(refused).attributes) == {"reportcount": 1}
    assert json.loads(event().attributes) == {"reportcount": 0}
