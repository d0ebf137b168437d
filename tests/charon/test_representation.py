"""Crons and executions are shown in the gateway's words."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tallystick.apis.charon import representation
from tallystick.apis.charon.crons import Cron
from tallystick.apis.charon.executions import Execution, ExecutionMessage, ExecutionState

NOON = 1_767_268_800_000
CRON = Cron(
    id=7,
    slug="hourly",
    name="Hourly",
    active=True,
    schedule="0 * * * *",
    timezone="UTC",
    grace_s=600,
    max_runtime_s=None,
    overlap=False,
    created=NOON,
    since=NOON,
    state="late",
    state_since=NOON + 1,
    check_at=None,
    every=None,
    early_s=60,
    min_interval_s=None,
    min_runtime_s=5,
    failure_threshold=3,
    reminder_s=None,
    muted_until=NOON,
    told_state="on_time",
    told_at=NOON,
    run_changes=0,
)


def execution(**columns: Any) -> Execution:
    plain: dict[str, Any] = {"id": 1, "state": ExecutionState.RUNNING, "started": NOON}
    plain |= {"ended": None, "success": None, "exit_code": None}
    return Execution(**{**plain, "messages": (), "message_count": 0, **columns})


def test_a_cron_is_shown_with_its_terms_its_state_and_when_it_is_due() -> None:
    assert representation.cron(CRON, NOON + 2) == {
        "id": 7,
        "slug": "hourly",
        "name": "Hourly",
        "active": True,
        "schedule": "0 * * * *",
        "timezone": "UTC",
        "grace": 600,
        "maxRuntime": None,
        "overlap": False,
        "state": "late",
        "stateSince": "2026-01-01T12:00:00.001Z",
        "due": "2026-01-01T12:00:00.002Z",
        "created": "2026-01-01T12:00:00.000Z",
    }


def test_the_further_terms_of_a_cron_are_shown() -> None:
    assert representation.alarm_terms(CRON) == {
        "every": None,
        "early": 60,
        "minInterval": None,
        "minRuntime": 5,
        "failureThreshold": 3,
        "reminder": None,
        "mutedUntil": "2026-01-01T12:00:00.000Z",
    }


def test_a_cron_that_is_never_due_says_so() -> None:
    assert representation.cron(CRON, None)["due"] is None


@pytest.mark.parametrize(
    ("ended", "duration", "shown"),
    [
        (None, None, None),
        (NOON + 1_500, 1_500, "2026-01-01T12:00:01.500Z"),
        # The clock was set back meanwhile.
        (NOON - 1_000, 0, "2026-01-01T11:59:59.000Z"),
    ],
)
def test_an_execution_lasts_from_its_start_to_its_end(
    ended: int | None, duration: int | None, shown: str | None
) -> None:
    found = representation.execution(execution(ended=ended))
    assert (found["ended"], found["durationMs"]) == (shown, duration)
    assert found["started"] == "2026-01-01T12:00:00.000Z"


def test_a_message_is_shown_as_the_json_that_was_sent() -> None:
    said = ExecutionMessage(3, "info", '{"n": 1.10}', NOON)
    shown = orjson.dumps(representation.execution(execution(messages=[said], message_count=9)))
    assert b'"message":{"n": 1.10}' in shown
    assert orjson.loads(shown)["messageCount"] == 9
    assert orjson.loads(shown)["messages"][0]["time"] == "2026-01-01T12:00:00.000Z"
