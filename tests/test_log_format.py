"""Lines on standard error are short, or have time and ids, as text or JSON."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator

import pytest

from tallystick.call_context import CALL, CallContext
from tallystick.log_format import JsonLines, ShortLines, TextLines

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def record(message: str = "The %s is full.") -> logging.LogRecord:
    return logging.LogRecord("tallystick.store", logging.ERROR, "", 1, message, ("disk",), None)


@pytest.fixture
def call() -> Iterator[None]:
    token = CALL.set(CallContext("r1", "t1", "k1"))
    yield
    CALL.reset(token)


def test_a_short_line_has_level_and_message() -> None:
    assert ShortLines().format(record()) == "ERROR The disk is full."


@pytest.mark.usefixtures("call")
def test_a_line_of_a_call_has_its_ids() -> None:
    line = TextLines().format(record())
    words = "ERROR The disk is full. request_id=r1 trace_id=t1 key_id=k1"
    assert re.fullmatch(f"{TIME} {words}", line)


@pytest.mark.usefixtures("call")
def test_a_line_of_json_is_an_object() -> None:
    line = json.loads(JsonLines().format(record()))
    assert re.fullmatch(TIME, line.pop("time"))
    assert line == {
        "level": "ERROR",
        "logger": "tallystick.store",
        "message": "The disk is full.",
        "request_id": "r1",
        "trace_id": "t1",
        "key_id": "k1",
    }


def test_a_line_outside_of_calls_has_no_ids() -> None:
    assert "request_id" not in TextLines().format(record())
    assert "request_id" not in JsonLines().format(record())


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()])
def test_an_error_is_named_with_its_place_and_without_its_text(
    formatter: logging.Formatter,
) -> None:
    failed = record("It failed.\n%s")
    failed.args = ("",)
    try:
        raise KeyError("a secret")
    except KeyError as error:
        failed.exc_info = (KeyError, error, error.__traceback__)
    line = formatter.format(failed)
    assert re.search(r"It failed\.: KeyError at test_log_format\.py:\d+ in test_an_error", line)
    assert "secret" not in line


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()])
def test_half_a_surrogate_pair_is_written_as_an_escape(formatter: logging.Formatter) -> None:
    line = formatter.format(record("\ud800 %s"))
    assert "ud800" in line
    line.encode()
