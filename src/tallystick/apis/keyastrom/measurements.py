"""Batches of metrics and of log records: checked, and kept in the log as one event each."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tallystick.apis.keyastrom.credentials import API
from tallystick.apis.keyastrom.metric_lines import LineCount, check_lines
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.events import Event, new_id

Json = dict[str, Any]

METRICS = "metrics.ingest"
LOGS = "logs.ingest"
"""Types of the log's events, named as the scopes are."""


class KeyastromMeasurements:
    """Takes metrics and log records."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def ingest_metrics(self, environment: str, body: Any) -> tuple[Json, int]:
        """Keep the lines if one of them is valid; return the count, and its status."""
        text = _text(body)
        now_ms = self._context.clock.now_ms()
        count = await asyncio.to_thread(check_lines, text, now_ms)
        if count.ok:
            attributes = {"linesok": count.ok, "linesinvalid": count.invalid}
            await self._append(environment, METRICS, json.dumps(text).encode(), attributes)
        return _counted(count), 400 if count.invalid or not count.ok else 202

    async def ingest_logs(self, environment: str, body: Any, raw: bytes) -> Json | None:
        """Keep the records; return the answer on those at fault, None if all are good."""
        # A JSON text is a text as well, but no record: what was sent of it has quotes.
        is_text = isinstance(body, bytes) or (isinstance(body, str) and _bytes(body) == raw)
        records = [_text(body)] if is_text else body if isinstance(body, list) else [body]
        good = [record for record in records if is_text or isinstance(record, dict)]
        if not good:
            raise _invalid("must have an object for each record")
        data = json.dumps(records[0]).encode() if is_text else raw
        await self._append(environment, LOGS, data, {"records": len(good)})
        if len(good) == len(records):
            return None
        message = f"{len(records) - len(good)} of {len(records)} records are no objects."
        return {"details": {"code": 200, "message": message}}

    async def _append(self, environment: str, type_: str, data: bytes, attributes: Json) -> None:
        now_ms = self._context.clock.now_ms()
        source = f"/{API}/{environment}"
        event = Event(new_id(now_ms), API, source, type_, "", now_ms, data, json.dumps(attributes))
        await self._context.log.append(event)


def _text(body: Any) -> str:
    """Return the text of a plain body, or of a JSON text; raise `Invalid`."""
    if isinstance(body, bytes):
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            raise _invalid(f"is not UTF-8 at byte {error.start + 1}") from None
    if not isinstance(body, str):
        raise _invalid("must be a text")
    return body


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _counted(count: LineCount) -> Json:
    counted: Json = {"linesOk": count.ok, "linesInvalid": count.invalid, "error": None}
    if count.invalid or not count.ok:
        counted["error"] = {
            "code": 400,
            "message": f"{count.invalid} invalid lines",
            "invalidLines": [fault._asdict() for fault in count.faults],
        }
    return {**counted, "warnings": None}


def _invalid(message: str) -> Invalid:
    return Invalid([Violation("body", "", "type", None, message)])
