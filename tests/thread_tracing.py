"""Threads that start at the same time are traced one after the other."""

from __future__ import annotations

import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import TraceFunction

_TURN = threading.RLock()
_set_trace, _set_trace_of_threads = sys.settrace, threading.settrace


def trace_in_turn() -> None:
    """Let this process's threads install their trace functions one after the other.

    CPython 3.11 raises where two threads do so at once, and a thread that starts then dies: its
    work is never done, and who waits for it waits for ever. It can come to that as an audit hook in
    Python, of which the tests have two, lets another thread on meanwhile.
    """
    sys.settrace = _set_trace_in_turn
    threading.settrace = _set_trace_of_threads_in_turn
    threading.settrace(threading.gettrace())


def _set_trace_in_turn(function: TraceFunction | None) -> None:
    with _TURN:
        _set_trace(function)


def _set_trace_of_threads_in_turn(func: TraceFunction | None) -> None:
    def begin(frame: FrameType, event: Any, given: Any) -> TraceFunction | None:
        assert func
        with _TURN:  # coverage installs another one, by a call from C
            return func(frame, event, given)

    _set_trace_of_threads(begin if func else None)
