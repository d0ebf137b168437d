"""The loop is uvloop's where there is one, and asyncio's by select(2) elsewhere."""

from __future__ import annotations

import asyncio
import importlib
import signal
import sys
from types import ModuleType

import pytest
import uvloop

from tallystick import event_loop


async def running_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_it_is_uvloops() -> None:
    assert isinstance(event_loop.run_coroutine(running_loop()), uvloop.Loop)


def test_it_is_asyncios_where_uvloop_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert isinstance(event_loop.run_coroutine(running_loop()), asyncio.SelectorEventLoop)


def test_a_server_stops_by_the_signals_that_the_system_has(monkeypatch: pytest.MonkeyPatch) -> None:
    assert event_loop.STOPPING == (signal.SIGINT, signal.SIGTERM)
    there = ModuleType("signal")
    vars(there).update(SIGINT=2, SIGTERM=15, SIGBREAK=21)
    with monkeypatch.context() as windows:
        windows.setitem(sys.modules, "signal", there)
        importlib.reload(event_loop)
        assert [*map(int, event_loop.STOPPING)] == [2, 15, 21]
    importlib.reload(event_loop)
