"""Endpoints of all APIs are listed page by page."""

from __future__ import annotations

from typing import Any, cast

from stored import Stored
from tallystick.apis.gateway import endpoints
from tallystick.delivery import DeliveryState, Outbox
from tallystick.delivery.endpoint_health import EndpointRecord, EndpointState


class Known:
    """An outbox with three endpoints."""

    async def list_endpoints(self) -> tuple[list[EndpointRecord], bool]:
        well = EndpointRecord("gateway", "http://a", last_success=1_767_268_800_000)
        well.counts = {DeliveryState.DONE: 3, DeliveryState.DEAD: 1}
        ill = EndpointRecord("gateway", "http://b", EndpointState.RESTING)
        ill.last_failure = 1_767_268_800_000, "server_error", 503
        gone = EndpointRecord("gateway", "http://c", EndpointState.OFF)
        gone.last_failure = 1_767_268_800_000, "timeout", None
        return [well, ill, gone], True


def listed(stored: Stored, limit: int, cursor: str | None = None) -> dict[str, Any]:
    return stored.run(endpoints.list_endpoints(cast(Outbox, Known()), limit, cursor))


def test_an_endpoint_has_its_counts_and_the_last_that_happened(stored: Stored) -> None:
    noon = "2026-01-01T12:00:00.000Z"
    well, ill, gone = listed(stored, 10)["endpoints"]
    assert well == {
        "endpoint": "http://a",
        "api": "gateway",
        "state": "on",
        "deliveries": [{"state": "dead", "count": 1}, {"state": "done", "count": 3}],
        "last_success": noon,
    }
    assert ill["last_failure"] == {"time": noon, "reason": "it answered 503"}
    assert (gone["state"], gone["last_failure"]["reason"]) == ("off", "timeout")


def test_pages_follow_each_other(stored: Stored) -> None:
    first = listed(stored, 2)
    assert first["next"] == "gateway http://b"
    second = listed(stored, 2, first["next"])
    assert [health["endpoint"] for health in second["endpoints"]] == ["http://c"]
    assert second["next"] is None
