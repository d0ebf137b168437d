"""What happens to a cron is an event of the log."""

from __future__ import annotations

import orjson

from tallystick.apis.charon import to_event

NOW = 1_764_064_800_000


def test_a_call_is_an_event_with_its_body_as_it_was_sent() -> None:
    event = to_event.ended("nightly", 7, b'{"success":  true}', NOW)
    assert (event.api, event.source, event.type) == (
        "charon",
        "/charon/nightly",
        "charon.execution.ended",
    )
    assert (event.subject, event.time, event.data) == ("7", NOW, b'{"success":  true}')


def test_a_start_has_the_id_that_was_answered() -> None:
    assert to_event.started("nightly", 7, NOW).data == b'{"id":7}'


def test_a_change_has_the_words_of_its_alarm() -> None:
    event = to_event.changed("nightly", "late", {"slug": "nightly"}, NOW)
    assert (event.type, event.subject) == ("charon.cron.late", "nightly")
    assert orjson.loads(event.data) == {"slug": "nightly"}


def test_an_end_by_hand_tells_the_outcome() -> None:
    event = to_event.ended_by_hand("nightly", 7, "abandoned", "rebooted", NOW)
    assert (event.type, event.subject) == ("charon.execution.ended_by_hand", "7")
    assert orjson.loads(event.data) == {"outcome": "abandoned", "message": "rebooted"}


def test_a_lost_execution_has_its_id() -> None:
    event = to_event.lost("nightly", 7, NOW)
    assert (event.type, event.data) == ("charon.execution.lost", b'{"id":7}')
