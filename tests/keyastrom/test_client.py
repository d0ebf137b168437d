"""The vendor's own Python client, unmodified, with only base URL and token changed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from dynatrace.environment_v2.events import EventStatus  # type: ignore[import-untyped]  # its authors publish no types

pytestmark = pytest.mark.vendor_client("dt")

BOOKING = "type(SERVICE),entityName.equals(BookingService)"


def ingested(client: Any, **members: Any) -> str:
    answer = client.events_v2.ingest("CUSTOM_INFO", "Load test", **members)
    [result] = answer["eventIngestResults"]
    assert result["status"] == "OK"
    correlation_id: str = result["correlationId"]
    return correlation_id


def test_it_ingests_and_reads_an_event(client: Any) -> None:
    properties = {"Tool": "MyLoadTool", "run": uuid4().hex}
    id_ = ingested(client, entity_selector=BOOKING, properties=properties)
    selector = f"correlationId({id_}),status(OPEN)"
    [event] = client.events_v2.list(event_selector=selector, entity_selector=BOOKING)
    assert event.correlation_id == id_
    assert event.status is EventStatus.OPEN
    assert event.end_time is None
    assert event.entity_id.name == "BookingService"
    assert event.entity_id.entity_id.type == "SERVICE"
    assert {p.key: p.value for p in event.properties} == properties
    assert [tag.string_representation for tag in event.entity_tags] == ["stage:dev"]
    assert client.events_v2.get(event.event_id).json() == event.json()


def test_it_lists_events_page_by_page(client: Any) -> None:
    run = uuid4().hex
    wanted = [ingested(client, properties={"run": run, "n": str(n)}) for n in range(5)]
    selector = f"property.run({run})"
    listed = client.events_v2.list(page_size=2, time_from="now-1h", event_selector=selector)
    assert len(listed) == 5
    assert sorted(event.correlation_id for event in listed) == sorted(wanted)


def test_it_reads_entities(client: Any) -> None:
    fields = "+tags,+fromRelationships,+firstSeenTms,+lastSeenTms,+managementZones,+properties"
    [booking] = client.entities.list(BOOKING, fields=fields, sort="-name", time_from="now-24h")
    assert booking.display_name == "BookingService"
    assert [tag.key for tag in booking.tags] == ["stage"]
    [host] = booking.from_relationships["runsOnHost"]
    assert client.entities.get(host.id).display_name == "cloud-burst-1"
    assert client.entities.get(host.id).properties == {"osType": "LINUX"}


def test_it_knows_the_types_of_entities(client: Any) -> None:
    types = {type_.type for type_ in client.entities.list_types(page_size=2)}
    assert {"HOST", "HOST_GROUP", "SERVICE", "ENVIRONMENT"} <= types
    host = client.entities.get_type("HOST")
    assert [relationship.id for relationship in host.from_relationships] == ["isInstanceOf"]


def test_it_says_why_a_selector_is_refused(client: Any) -> None:
    with pytest.raises(Exception, match=r"1-based column range \[10,11\)"):
        client.entities.list("type(HOST")


def test_it_comments_on_and_closes_a_problem(client: Any) -> None:
    title = uuid4().hex
    client.events_v2.ingest("ERROR_EVENT", title, entity_selector=BOOKING)
    [problem] = client.problems.list(problem_selector=f'status("open"),text("{title[:30]}")')
    assert (problem.title, problem.severity_level.value) == (title, "ERROR")
    shown = client.problems.get(problem.problem_id, fields="evidenceDetails,recentComments")
    assert shown.evidence_details.total_count == 1
    client.problems.add_comment(problem.problem_id, "Known.", "ci")
    [comment] = client.problems.list_comments(problem.problem_id)
    assert (comment.content, comment.context) == ("Known.", "ci")
    client.problems.update_comment(problem.problem_id, comment.id, "Mended.")
    changed = client.problems.get_comment(problem.problem_id, comment.id)
    assert changed.content == "Mended."
    client.problems.delete_comment(problem.problem_id, comment.id)
    assert client.problems.close(problem.problem_id, "Done.").closing
    assert client.problems.get(problem.problem_id).status.value == "CLOSED"


def test_it_sends_metrics_and_log_records(client: Any) -> None:
    assert client.metrics.ingest(["cpu.load,host=a 5", "cpu.load,host=b 6"])["linesOk"] == 2
    assert client.logs.ingest([{"content": "one"}]).status_code == 204


def test_it_looks_a_token_up(client: Any) -> None:
    assert client.tokens.lookup("dt0c01.readonly.abcdefjhij1234567890").enabled
