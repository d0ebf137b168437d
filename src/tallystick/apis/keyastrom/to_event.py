"""An accepted ingest as an event of the log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from tallystick.apis.keyastrom.credentials import API
from tallystick.apis.keyastrom.entities import ENVIRONMENT
from tallystick.apis.keyastrom.ingest import Ingest
from tallystick.apis.keyastrom.reports import ReportResult
from tallystick.events import Event


class IngestCall(NamedTuple):
    """One accepted request: its ID in the log, its content, place and time."""

    id: str
    environment: str
    ingest: Ingest
    selector: str | None
    body: bytes
    time_ms: int


def to_event(call: IngestCall, results: Sequence[ReportResult]) -> Event:
    """Return one event a call, whatever the number of entities: the body as it was sent."""
    correlation_ids = [result.correlation_id for result in results if result.correlation_id]
    attributes: dict[str, object] = {"reportcount": len(results)}
    if correlation_ids:
        attributes["correlationids"] = " ".join(correlation_ids)
    return Event(
        id=call.id,
        api=API,
        source=f"/{API}/{call.environment}",
        type=call.ingest.type,
        subject=ENVIRONMENT.id if call.selector is None else call.selector,
        time=call.time_ms,
        data=call.body,
        attributes=json.dumps(attributes),
    )
