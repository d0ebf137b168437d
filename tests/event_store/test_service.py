"""What event_store keeps of an event."""

from __future__ import annotations

import json
from typing import Any

from tallystick.apis.event_store.to_event import to_event

NOW = 1_769_847_330_123
FIELDS: dict[str, Any] = {
    "cl": "EDF",
    "ty": "START_EC2",
    "hs": "AWS",
    "ac": "525060831330",
    "re": "eu-west-3",
    "st": "OK",
    "im": "MAJOR",
    "me": "Operation successful",
}


def kept(sent: dict[str, Any]) -> Any:
    return json.loads(to_event(sent, json.dumps(sent).encode(), NOW).data)


def test_a_body_of_known_fields_is_kept_byte_for_byte() -> None:
    raw = json.dumps(FIELDS | {"us_app": "x"}, indent=3).encode()

    assert to_event(FIELDS | {"us_app": "x"}, raw, NOW).data == raw


def test_unknown_fields_are_dropped() -> None:
    assert kept(FIELDS | {"zz": [1], "us_app": "x"}) == FIELDS | {"us_app": "x"}


def test_an_absent_impact_is_kept_as_minor() -> None:
    without = {name: value for name, value in FIELDS.items() if name != "im"}

    assert kept(without) == FIELDS | {"im": "MINOR"}
    assert kept(FIELDS | {"im": None}) == FIELDS | {"im": "MINOR"}


def test_a_query_is_kept_as_an_object() -> None:
    assert json.loads(to_event(FIELDS, None, NOW).data) == FIELDS


def test_a_lone_surrogate_is_kept_as_it_was_escaped() -> None:
    sent = FIELDS | {"me": "a\ud800b", "im": None}

    assert kept(sent)["me"] == "a\ud800b"


def test_the_client_the_type_and_the_account_name_the_event() -> None:
    made = to_event(FIELDS, None, NOW)

    assert (made.source, made.type, made.subject, made.time) == (
        "/event_store/EDF",
        "START_EC2",
        "525060831330",
        NOW,
    )
