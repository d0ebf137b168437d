"""How many connections there may be, and how often the log speaks of those that are refused."""

from __future__ import annotations

import logging

import pytest
from tallystick.contract_tests.wire import exchange

from manual_clock import ManualClock
from server_process import ServerProcess
from tallystick.connection_limits import ConnectionLimits, OncePerMinute, default_connections


def warning(text: str, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("uvicorn.error", level, "", 0, text, None, None)


def test_a_warning_is_written_once_a_minute_and_an_error_each_time() -> None:
    clock = ManualClock(0)
    once = OncePerMinute(lambda: float(clock.seconds))

    assert once.filter(warning("bad"))
    clock.seconds += 59
    assert not once.filter(warning("bad"))
    assert once.filter(warning("other"))
    assert once.filter(warning("bad", logging.ERROR))
    clock.seconds += 1
    assert once.filter(warning("bad"))


def test_a_stranger_s_garbage_is_one_line_of_the_log(server: ServerProcess) -> None:
    before = server.stderr.count("Invalid HTTP request")
    for _ in range(20):
        assert exchange(server.url, [b"garbage\r\n\r\n"]).status == 400
    assert server.stderr.count("Invalid HTTP request") <= before + 1


def test_refused_connections_are_one_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    limits = ConnectionLimits(connections=3)
    for now in (0.0, 1.0, 59.0, 60.0):
        limits.log_refusal(now)
    assert [record.getMessage() for record in caplog.records] == [
        "3 connections are open: new ones are refused"
    ] * 2


def test_some_files_are_left_for_deliveries_and_the_database() -> None:
    assert default_connections(100) < default_connections(10)
