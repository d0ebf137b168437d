"""Bounds leave room for what a server needs, and refusals are told of once a minute."""

from __future__ import annotations

import logging
import resource

import pytest
from tallystick.contract_tests.wire import exchange

from manual_clock import ManualClock
from server_process import ServerProcess
from tallystick.connection_limits import (
    ConnectionLimits,
    OncePerMinute,
    default_connections,
    sent_body_limit,
)


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


def test_refusals_are_told_of_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    limits = ConnectionLimits(connections=7)
    for now in (0.0, 1.0, 59.9, 60.0, 119.0):
        limits.log_refusal(now)
    said = "7 connections are open: new ones are refused"
    assert [record.getMessage() for record in caplog.records] == [said] * 2


@pytest.mark.parametrize("limit", [1, 1_000, 1_048_576])
def test_a_body_within_its_limit_fits_even_in_chunks_of_one_byte(limit: int) -> None:
    in_chunks = b"1\r\nx\r\n" * limit + b"0\r\n\r\n"
    assert len(in_chunks) < sent_body_limit(limit)


@pytest.mark.parametrize(
    ("files", "deliveries", "connections"),
    [
        (1_024, 256, 704),
        (1_024, 10_000, 512),
        (64, 0, 32),
        (resource.RLIM_INFINITY, 256, 1_048_576 - 320),
    ],
)
def test_connections_leave_files_for_deliveries_and_never_take_them_all(
    monkeypatch: pytest.MonkeyPatch, files: int, deliveries: int, connections: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert default_connections(deliveries) == connections
