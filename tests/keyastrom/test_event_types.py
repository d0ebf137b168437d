"""Types of events are listed with their severities."""

from __future__ import annotations

from typing import Any

from dynatrace.environment_v2.events import EventSeverity  # type: ignore[import-untyped]  # its authors publish no types


def test_it_knows_the_types_of_events(client: Any) -> None:
    types = {type_.type: type_.severity_level for type_ in client.events_v2.list_types(page_size=3)}
    assert len(types) == 10
    assert types["CUSTOM_INFO"] is EventSeverity.INFO
    assert client.events_v2.get_type("ERROR_EVENT").severity_level is EventSeverity.ERROR
