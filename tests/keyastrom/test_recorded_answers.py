"""The contract takes the answers of the vendor's service, which `proxy` and clients read by it."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.document import read_api
from tallystick.contract.schema import Schema, to_json_schema

SCHEMAS = read_api("keyastrom").components["schemas"]
DEFINITIONS = {name: to_json_schema(schema) for name, schema in SCHEMAS.items()}

EVENT = {
    "correlationId": "C70FDE7BBAB0C2BA",
    "endTime": -1,
    "entityId": {"entityId": {"id": "APPLICATION-F9D25E95F25AFE0A", "type": "APPLICATION"}},
    "entityTags": [
        {
            "context": "CONTEXTLESS",
            "key": "[Kubernetes]namespace",
            "stringRepresentation": "[Kubernetes]namespace:shop",
            "value": "shop",
            "source": "Auto tags",
        }
    ],
    "eventId": "-5301772197560753067_1785946260000",
    "eventType": "APPLICATION_SLOWDOWN",
    "properties": [{"key": "dt.event.timeout", "value": "9"}],
    "startTime": 1785946260000,
    "status": "OPEN",
}
ENTITY = {
    "entityId": "HOST-15FE58391F97B7AA",
    "properties": {"bitness": "64", "cpuCores": 1, "standalone": False, "ipAddress": ["10.0.1.4"]},
    "icon": {"primaryIconType": "linux", "secondaryIconType": "microsoft-azure-signet"},
    "managementZones": [],
}
TYPE = {"type": "APM_SECURITY_GATEWAY", "dimensionKey": "dt.entity.apm_security_gateway"}


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ("EventIngestResults", {"eventIngestResults": [{"correlationId": "43dce678584aee3"}]}),
        ("EventIngestResults", {"reportCount": None, "eventIngestResults": None}),
        ("KeyastromEventPage", {"totalCount": 1, "events": [EVENT], "warnings": ["one"]}),
        ("KeyastromEventPage", {"totalCount": 0, "nextPageKey": "AQAAABQBAAAABQ=="}),
        ("KeyastromEventPage", {"totalCount": 0, "nextPageKey": None}),
        ("KeyastromEvent", {**EVENT, "endTime": None, "eventType": "PROCESS_RESTART"}),
        ("KeyastromEntityPage", {"totalCount": 1, "entities": [ENTITY]}),
        ("KeyastromEventType", {"type": "OSI_HIGH_CPU", "severityLevel": "MONITORING_UNAVAILABLE"}),
        ("KeyastromEntityTypePage", {"totalCount": 250, "types": [TYPE]}),
        ("KeyastromEventPropertyPage", {"totalCount": 1, "eventProperties": [{"key": "a b"}]}),
        ("KeyastromCustomDeviceIds", {"entityId": "CUSTOM_DEVICE-1"}),
    ],
)
def test_an_answer_of_the_vendor_breaks_no_rule(schema: str, answer: dict[str, Any]) -> None:
    found = Schema({"$ref": f"#/$defs/{schema}"}, DEFINITIONS)
    assert found.violations(answer) == []


@pytest.mark.parametrize("schema", ["KeyastromEvent", "KeyastromEntity", "KeyastromEntityType"])
def test_no_member_of_an_item_is_required(schema: str) -> None:
    assert "required" not in SCHEMAS[schema]
