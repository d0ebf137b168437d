"""A line that strangers can cause is written once a minute."""

from __future__ import annotations

import logging

import pytest
from tallystick.contract_tests.wire import exchange

from server_process import ServerProcess
from tallystick.once_per_minute import OncePerMinute, WarningsOncePerMinute


def warning(text: str, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("uvicorn.error", level, "", 0, text, None, None)


def test_a_line_is_due_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = OncePerMinute()
    due = []
    for now in (0.0, 59.9, 60.0, 119.9):
        monkeypatch.setattr("tallystick.once_per_minute.monotonic", lambda now=now: now)
        due.append(lines.is_due("one"))
    assert due == [True, False, True, False]
    assert lines.is_due("other")


def test_of_a_logger_warnings_alone_are_held_back() -> None:
    once = WarningsOncePerMinute()
    assert [once.filter(warning("bad")) for _ in range(2)] == [True, False]
    assert all(once.filter(warning("bad", logging.ERROR)) for _ in range(2))


def test_a_stranger_s_garbage_is_one_line_of_the_log(server: ServerProcess) -> None:
    before = server.stderr.count("Invalid HTTP request")
    for _ in range(20):
        assert exchange(server.url, [b"garbage\r\n\r\n"]).status == 400
    assert 1 <= server.stderr.count("Invalid HTTP request") <= before + 1
