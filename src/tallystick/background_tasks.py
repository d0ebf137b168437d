"""The end of tasks that run beside the calls."""

from __future__ import annotations

import asyncio
from typing import Any

AGAIN_S = 5.0
"""How many seconds a task has for its end before it is cancelled once more."""


async def end_tasks(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel tasks and return when all have ended; one that was never started is None.

    A cancellation can get lost: before Python 3.12, `asyncio.wait_for` swallows one that comes
    together with its result, and libraries use it. So it is repeated.
    """
    left = {task for task in tasks if task}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_S)
