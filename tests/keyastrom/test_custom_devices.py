"""A custom device is made, changed and found as an entity."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import requests

from keyastrom_calls import TOKEN
from server_process import ServerProcess


@pytest.mark.vendor_client("dt")
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
        "ipAddress": ["10.0.0.1"],
        "listenPorts": [80, 443],
        "customProperties": [{"key": "rack", "value": "7"}],
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
