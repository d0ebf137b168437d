"""What was counted is written as Prometheus reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from parcels import operation
from tallystick.prometheus_text import text

OPERATION = operation()


def samples(written: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(written.decode())
        for sample in family.samples
    }


def test_answers_are_counted_by_operation_and_status() -> None:
    found = samples(text((), {(OPERATION, 200): 3, (OPERATION, 404): 1, (None, 404): 2}, {}))
    own = {("api", "parcels"), ("operation", "sendParcel")}
    name = "tallystick_requests_total"
    assert found[name, frozenset({*own, ("status", "200")})] == 3
    assert found[name, frozenset({*own, ("status", "404")})] == 1
    assert found[name, frozenset({("api", ""), ("operation", ""), ("status", "404")})] == 2


def test_a_bucket_counts_all_that_was_faster() -> None:
    found = samples(text((0.1, 1.0), {}, {OPERATION: [1.0, 2.0, 4.0, 9.5]}))
    own = {("api", "parcels"), ("operation", "sendParcel")}
    buckets = {
        le: found["tallystick_request_seconds_bucket", frozenset({*own, ("le", le)})]
        for le in ("0.1", "1.0", "+Inf")
    }
    assert buckets == {"0.1": 1, "1.0": 3, "+Inf": 7}
    assert found["tallystick_request_seconds_sum", frozenset(own)] == 9.5
    assert found["tallystick_request_seconds_count", frozenset(own)] == 7


def test_nothing_counted_is_no_number() -> None:
    assert samples(text((0.1,), {}, {})) == {}
