from __future__ import annotations

import pytest

from tallystick.ingest.origin_url import BadOrigin, OriginUrl, parse_origin


@pytest.mark.parametrize(
    ("url", "parsed"),
    [
        ("kafka://h:9092/t", OriginUrl("kafka", ("h:9092",), "t")),
        ("kafkas://a:1,[::1]:2/t.x", OriginUrl("kafkas", ("a:1", "[::1]:2"), "t.x")),
        (
            "kafka://u%40x:p%2Fq@h:1/t?group=g&mechanism=SCRAM-SHA-512",
            OriginUrl("kafka", ("h:1",), "t", "u@x", "p/q", "g", "SCRAM-SHA-512"),
        ),
        ("amqp://h:5672/orders", OriginUrl("amqp", ("h:5672",), "orders")),
        (
            "amqps://u:p@h:5671/vhost/orders",
            OriginUrl("amqps", ("h:5671",), "vhost/orders", "u", "p"),
        ),
    ],
)
def test_a_url_names_a_topic_or_a_queue(url: str, parsed: OriginUrl) -> None:
    assert parse_origin(url) == parsed


@pytest.mark.parametrize(
    "url",
    [
        "", "kafka", "kafka://", "kafka://h/t", "kafka://h:1", "kafka://h:1/", "http://h:1/t",
        "kafka://h:1,/t", "kafka://h:x/t", "kafka://h:1/t?grop=a", "kafka://h:1/t#x", "\ud800",
        "amqp://h:0/q", "amqp://h:65536/q",
    ],
)  # fmt: skip
def test_another_one_is_refused(url: str) -> None:
    with pytest.raises(BadOrigin):
        parse_origin(url)


def test_a_password_is_shown_to_nobody() -> None:
    url = parse_origin("kafka://user:hunter2@h:1/t")
    assert url.shown == "kafka://h:1/t"
    assert "hunter2" not in repr(url)
    with pytest.raises(BadOrigin) as refused:
        parse_origin("kafka://user:hunter2@h/t")
    assert "hunter2" not in str(refused.value)
