"""How many instructions of Python a call runs: the same each time, on each machine."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class InstructionCount:
    """A count that grows while it is taken."""

    def __init__(self) -> None:
        self.instructions = 0

    def _trace(self, frame: FrameType, event: str, _argument: object) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        self.instructions += event == "opcode"
        return self._trace

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Count all that this thread runs in the block."""
        before = sys.gettrace()
        sys.settrace(self._trace)
        try:
            yield
        finally:
            sys.settrace(before)


async def count_instructions(call: Callable[[], Awaitable[object]], times: int = 20) -> float:
    """Return how many instructions one of several calls runs, once the first ones are done."""
    for _ in range(times):
        await call()
    count = InstructionCount()
    with count.taken():
        for _ in range(times):
            await call()
    return count.instructions / times
