from __future__ import annotations

from typing import Any

import pytest
import requests

from keyastrom_calls import entity, found
from server_process import ServerProcess
from tallystick.apis.keyastrom import topology
from tallystick.apis.keyastrom.entities import Entity
from tallystick.contract.exceptions import Invalid

NOW = 1_764_064_800_000
HOUR = 3_600_000
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
TOKEN = {"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"}
YAML = b"""
entities:
  - {id: HOST_GROUP-SHOP, type: host_group}
  - id: HOST-SHOP-1
    type: HOST
    name: shop-1
    tags: ['stage:prod', '[AWS]Name:shop-1']
    attributes: {osType: LINUX, cpuCores: 8, ipAddress: [10.0.0.1]}
    relationships: {isInstanceOf: [HOST_GROUP-SHOP]}
    managementZones: {7: Shop}
    firstSeen: now-30d
    lastSeen: now-2h
"""


def test_a_topology_is_read_from_yaml() -> None:
    group, host = topology.read_topology(YAML, NOW)
    assert group == Entity("HOST_GROUP-SHOP", "host_group", "HOST_GROUP-SHOP")
    assert host == Entity(
        "HOST-SHOP-1",
        "HOST",
        "shop-1",
        first_seen_ms=NOW - 30 * 24 * HOUR,
        last_seen_ms=NOW - 2 * HOUR,
        tags=["stage:prod", "[AWS]Name:shop-1"],
        attributes={"osType": "LINUX", "cpuCores": 8, "ipAddress": ["10.0.0.1"]},
        relationships={"isInstanceOf": ["HOST_GROUP-SHOP"]},
        zones={"7": "Shop"},
    )


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{",
        b"a: [",
        b"entities: {}",
        b"entities: [{id: A}]",
        b"entities: [{id: A B, type: HOST}]",
        b"entities: [{id: A, type: HOST, tags: ['[other]x']}]",
        b"entities: [{id: A, type: HOST, lastSeen: yesterday}]",
        b"entities: [{id: A, type: HOST, attributes: [LINUX]}]",
        b"entities: [{id: A, type: HOST, attributes: {a: " + b"[" * 30 + b"]" * 30 + b"}}]",
        b"entities: [{id: A, type: HOST, attributes: {a: 9223372036854775808}}]",
        b'{"entities": [{"id": "A", "type": "HOST", "attributes": {"a": {"\\u0000": 1}}}]}',
        b'entities: [{id: A, type: HOST, name: "\\0"}]',
        b'{"entities": [{"id": "A", "type": "HOST", "name": "\\ud800"}]}',
        b"entities: &a [*a]",
        b"entities: !!set {a, b}",
        b"entities: !!binary aGVsbG8=",
        b"entities: [{? [a] : b}]",
        b"entities: [" + b"9" * 5_000 + b"]",
        b"entities: " + b"[" * 100_000,
        b"entities: []\n---\nentities: []",
        b"entities: []\nentities: []",
        b"\xff",
    ],
)
def test_a_topology_that_breaks_a_rule_is_refused(text: bytes) -> None:
    with pytest.raises(Invalid):
        topology.read_topology(text, NOW)


def put(server: ServerProcess, **sent: Any) -> requests.Response:
    url = f"{server.url}/gateway/v1/entities"
    headers = {**GATEWAY, **sent.pop("headers", {})}
    return requests.put(url, headers=headers, timeout=10, **sent)


@pytest.fixture(params=["", "--connexion"], ids=["compiled", "connexion"])
def service(request: pytest.FixtureRequest, start_server: Any) -> ServerProcess:
    started: ServerProcess = start_server(*filter(None, [request.param]))
    return started


def test_an_imported_topology_is_selected_and_replaced(service: ServerProcess) -> None:
    first = put(service, json={"entities": [entity("one", tags=["a"]), entity("two")]})
    assert first.json() == {"created": 2, "replaced": 0}
    yaml = b"entities: [{id: HOST-one, type: HOST, name: one, attributes: {osType: LINUX}}]"
    again = put(service, data=yaml, headers={"Content-Type": "application/yaml"})
    assert (again.status_code, again.json()) == (200, {"created": 0, "replaced": 1})
    [one] = found(service, "type(HOST),entityName.equals(one)")
    assert (one["tags"], one["properties"]) == ([], {"osType": "LINUX"})
    assert found(service, "type(HOST),tag(a)") == []
    assert len(found(service, "type(HOST),entityName.in(one,two)")) == 2


def test_a_refused_topology_imports_nothing_and_says_where(service: ServerProcess) -> None:
    bad = put(service, json={"entities": [entity("nine"), entity("ten", lastSeen="never")]})
    assert bad.status_code == 400
    assert bad.headers["Content-Type"] == "application/problem+json"
    [violation] = bad.json()["violations"]
    assert violation["name"] == "entities.1.lastSeen"
    assert found(service, "type(HOST),entityName(nine)") == []


def test_an_imported_entity_out_of_sight_is_selected_by_its_id_alone(
    server: ServerProcess,
) -> None:
    put(server, json={"entities": [entity("gone", lastSeen="now-25h")]})
    for selector, count in (("type(HOST),entityName(gone)", 0), ("entityId(HOST-gone)", 1)):
        event = {"eventType": "CUSTOM_INFO", "title": "x", "entitySelector": selector}
        url = f"{server.url}/api/v2/events/ingest"
        answer = requests.post(url, json=event, headers=TOKEN, timeout=10)
        assert answer.json()["reportCount"] == count


def test_the_24_hours_are_a_setting(start_server: Any) -> None:
    server = start_server(TALLYSTICK_KEYASTROM_ACTIVE_HOURS="0")
    put(server, json={"entities": [entity("gone", lastSeen="now-2y")]})
    event = {
        "eventType": "CUSTOM_INFO",
        "title": "x",
        "entitySelector": "type(HOST),entityName(gone)",
    }
    url = f"{server.url}/api/v2/events/ingest"
    assert requests.post(url, json=event, headers=TOKEN, timeout=10).json()["reportCount"] == 1
