"""Bounds leave room for what a server needs, and refusals are told of once a minute."""

from __future__ import annotations

import resource
import sys

import pytest

from tallystick.connection_limits import (
    ConnectionLimits,
    default_connections,
    sent_body_limit,
)


def test_refusals_are_told_of_once_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = ConnectionLimits(connections=7)
    for now in (0.0, 1.0, 59.9, 60.0, 119.0):
        monkeypatch.setattr("tallystick.once_per_minute.monotonic", lambda now=now: now)
        limits.log_refusal()
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


def test_without_a_limit_of_files_it_is_that_of_select(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert default_connections(64) == 512 - 128
