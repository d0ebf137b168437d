"""A sample call has all that its operation requires, and nothing more."""

from __future__ import annotations

from tallystick.clients import read_document
from tallystick.clients.sample_calls import SampleCall, SampleCalls


def call(api: str, operation: str) -> SampleCall:
    """Return the sample call of an operation."""
    calls = SampleCalls(read_document(api)).read_calls()
    return next(each for each in calls if each.operation_id == operation)


def test_a_call_has_path_and_query_of_the_contract_s_examples() -> None:
    found = call("eventgrid", "listTracedEvents")

    assert found.path == ("0123456789abcdef0123456789abcdef",)
    assert [member.name for member in found.query] == ["channel_id", "start_time", "end_time"]
    assert found.takes_query
    assert found.leaves_out
    assert found.body is None
    assert found.has_result


def test_a_call_without_an_answer_has_no_result() -> None:
    assert not call("charon", "deleteCron").has_result


def test_a_call_names_the_types_of_its_values() -> None:
    assert call("event_store", "createEvent").type_names == [
        "EventStoreEvent",
        "Hyperscaler",
        "Impact",
        "OperationStatus",
    ]
    assert call("eventhos", "sendEvent").type_names == []
