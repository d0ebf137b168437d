"""An accepted ingest as an event of the log."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tallystick.apis.keyastrom.entities import ENVIRONMENT
from tallystick.apis.keyastrom.ingest import Ingest
from tallystick.apis.keyastrom.reports import Result
from tallystick.events import Event

API = "keyastrom"


def event(
    id_: str,
    environment: str,
    ingest: Ingest,
    selector: str | None,
    results: Sequence[Result],
    body: bytes,
    now_ms: int,
) -> Event:
    """One event a request, however many entities it is about: the body as it was sent."""
    correlation_ids = [result.correlation_id for result in results if result.correlation_id]
    attributes = {"reportcount": len(results)} | (
        {"correlationids": " ".join(correlation_ids)} if correlation_ids else {}
    )
    return Event(
        id=id_,
        api=API,
        source=f"/{API}/{environment}",
        type=ingest.type,
        subject=ENVIRONMENT.id if selector is None else selector,
        time=now_ms,
        data=body,
        attributes=json.dumps(attributes),
    )
