"""The vendor's own Python client, unmodified, with only base URL and token changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
from dynatrace import Dynatrace  # type: ignore[import-untyped]  # its authors publish no types
from dynatrace.environment_v2.events import (  # type: ignore[import-untyped]  # likewise
    EventSeverity,
    EventStatus,
)

from server_process import ServerProcess

TOKEN = "dt0c01.abc123.abcdefjhij1234567890"
BOOKING = "type(SERVICE),entityName.equals(BookingService)"


@pytest.fixture(params=["", "/e/mySampleEnv"], ids=["plain", "environment"])
def client(request: pytest.FixtureRequest, server: ServerProcess) -> Iterator[Any]:
    dynatrace = Dynatrace(server.url + request.param, TOKEN)
    yield dynatrace
    dynatrace._Dynatrace__http_client.session.close()  # which it never closes itself


def ingested(client: Any, **members: Any) -> str:
    answer = client.events_v2.ingest("CUSTOM_INFO", "Load test", **members)
    [result] = answer["eventIngestResults"]
    assert result["status"] == "OK"
    correlation_id: str = result["correlationId"]
    return correlation_id


def test_it_ingests_lists_and_gets_an_event(client: Any) -> None:
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


def test_it_knows_the_types_of_events(client: Any) -> None:
    types = {type_.type: type_.severity_level for type_ in client.events_v2.list_types(page_size=3)}
    assert len(types) == 10
    assert types["CUSTOM_INFO"] is EventSeverity.INFO
    assert client.events_v2.get_type("ERROR_EVENT").severity_level is EventSeverity.ERROR


def test_it_lists_and_gets_entities(client: Any) -> None:
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


def test_it_makes_and_changes_a_custom_device(client: Any) -> None:
    id_ = f"router-{uuid4()}"
    device = client.entities.create_custom_device(
        id_, id_, group="routers", ip_addresses=["10.0.0.1"], listen_ports=[80, 443],
        properties={"rack": "7"},
    )  # fmt: skip
    made = device.post()
    assert made.status_code == 201
    renamed = client.entities.create_custom_device(id_, "Router 1", group="routers")
    assert client.entities.post_custom_device(renamed).status_code == 204
    found = client.entities.get(made.json()["entityId"])
    assert (found.display_name, found.type) == ("Router 1", "CUSTOM_DEVICE")
    assert found.properties == {
        "detectedName": id_,
        "ipAddress": "10.0.0.1",
        "listenPorts": ["443", "80"],
        "rack": "7",
    }
    [group] = found.from_relationships["isInstanceOf"]
    assert group.id == made.json()["groupId"]
    routers = "type(CUSTOM_DEVICE_GROUP),entityName(routers)"
    of_group = f"type(CUSTOM_DEVICE),fromRelationship.isInstanceOf({routers})"
    answer = client.events_v2.ingest("CUSTOM_INFO", "On devices", entity_selector=of_group)
    assert answer["reportCount"] >= 1


def test_a_custom_device_keeps_its_nulls_to_itself(server: ServerProcess) -> None:
    device = {"customDeviceId": f"null-{uuid4()}", "displayName": "x"}
    others = ["group", "ipAddresses", "listenPorts", "type", "faviconUrl", "configUrl"]
    nulls = dict.fromkeys([*others, "properties", "dnsNames", "messageType"])
    url = f"{server.url}/platform/classic/environment-api/v2/entities/custom"
    headers = {"Authorization": f"Api-Token {TOKEN}"}
    answers = [
        requests.post(url, json={**device, **nulls}, headers=headers, timeout=10) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 204]


def test_it_says_why_a_selector_is_refused(client: Any) -> None:
    with pytest.raises(Exception, match=r"1-based column range \[10,11\)"):
        client.entities.list("type(HOST")
