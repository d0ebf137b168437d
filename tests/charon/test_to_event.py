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


def test_a_change_tells_both_states_and_when_the_cron_is_due() -> None:
    event = to_event.changed("nightly", "late", "ok", NOW, NOW)
    assert (event.type, event.subject) == ("charon.cron.late", "nightly")
    assert orjson.loads(event.data) == {
        "slug": "nightly",
        "state": "late",
        "previous": "ok",
        "due": "2025-11-25T10:00:00.000Z",
    }
    assert orjson.loads(to_event.changed("nightly", "ok", "late", None, NOW).data)["due"] is None
