"""What was counted is written as Prometheus reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tallystick.metric_family import BUCKETS, MetricFamily, gauge
from tallystick.prometheus_text import write_text


def samples(*families: MetricFamily) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(write_text(families).decode())
        for sample in family.samples
    }


def test_a_counter_and_a_gauge_have_their_labels() -> None:
    counter = MetricFamily("counter", "sent_total", "Sent.", ("api", "status"), {("a", "200"): 3})
    found = samples(counter, gauge("left", "Left.", 4))
    assert found["sent_total", frozenset({("api", "a"), ("status", "200")})] == 3
    assert found["left", frozenset()] == 4


def test_a_bucket_counts_all_that_was_faster() -> None:
    counts = [1.0, 2.0, *[0.0] * (len(BUCKETS) - 2), 4.0, 9.5]
    found = samples(MetricFamily("histogram", "took_seconds", "Time.", ("api",), {("a",): counts}))
    own = ("api", "a")
    buckets = {
        le: found["took_seconds_bucket", frozenset({own, ("le", le)})]
        for le in (str(BUCKETS[0]), str(BUCKETS[-1]), "+Inf")
    }
    assert list(buckets.values()) == [1, 3, 7]
    assert found["took_seconds_sum", frozenset({own})] == 9.5
    assert found["took_seconds_count", frozenset({own})] == 7
