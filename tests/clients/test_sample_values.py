"""Values have the types that the clients give them."""

from __future__ import annotations

from tallystick.clients import read_document
from tallystick.clients.sample_calls import SampleCalls
from tallystick.clients.sample_values import SampleType, SampleValues, list_names

EVENT = {"$ref": "#/components/schemas/EventStoreEvent"}
PUBLICATION = {"$ref": "#/components/schemas/EventgridPublication"}


def values_of(api: str) -> SampleValues:
    """Return the reader of an API's values."""
    return SampleCalls(read_document(api)).values


def test_an_object_tells_its_members_from_those_of_the_caller_s_own() -> None:
    given = {"cl": "EDF", "hs": "AWS", "us_team": "Blue"}

    value = values_of("event_store").read_value(given, EVENT)

    assert [member.name for member in value.members] == ["cl", "hs"]
    assert [member.name for member in value.more] == ["us_team"]
    assert value.is_partial
    assert list(list_names(value)) == ["EventStoreEvent", "Hyperscaler"]


def test_an_optional_member_that_is_null_is_left_out() -> None:
    value = values_of("event_store").read_value({"cl": "EDF", "im": None}, EVENT)

    assert [member.name for member in value.members] == ["cl"]


def test_lists_moments_and_any_json_keep_their_types() -> None:
    event = {"id": "1", "time": "2026-01-17T12:00:00Z", "data": {"deep": [1]}}

    value = values_of("eventgrid").read_value({"events": [event]}, PUBLICATION)

    (events,) = (member.value for member in value.members)
    found = {member.name: member.value.type.form for member in events.items[0].members}
    assert events.type.form == "list"
    assert found == {"id": "text", "time": "moment", "data": "any"}


def test_plain_values_have_no_types_of_a_client() -> None:
    value = values_of("event_store").read_plain({"cl": ["EDF"]})

    assert value.type == SampleType("any")
    assert list(list_names(value)) == []
