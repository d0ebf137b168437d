"""Looks at the files of contracts, and has them read again when one has changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from tallystick.background_tasks import end_tasks
from tallystick.contract.document import ContractError

PERIOD_S = 0.5

_log = logging.getLogger(__name__)

Stamp = tuple[tuple[int, int] | None, ...]


class ContractWatch:
    """Watches files while it is open."""

    def __init__(self, files: Sequence[str], reload: Callable[[], Sequence[str]]) -> None:
        """`reload` reads all contracts and returns their files; it may raise `ContractError`."""
        self._files = files
        self._last = _stamp(files)
        self._reload = reload
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End the watch."""
        await end_tasks(self._task)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(PERIOD_S)
            stamp = _stamp(self._files)
            if stamp != self._last:
                # Compiling a large document would keep callers waiting.
                await asyncio.to_thread(self._read_again)
                # A file may change again while it is read, so its stamp is that of before.
                self._last = stamp

    def _read_again(self) -> None:
        try:
            self._files = self._reload()
        except ContractError as error:
            _log.error("the contract before is served on:\n%s", error)
        else:
            _log.warning("the contracts were read again")


def _stamp(files: Sequence[str]) -> Stamp:
    return tuple(map(_stamp_of, files))


def _stamp_of(file: str) -> tuple[int, int] | None:
    try:
        state = Path(file).stat()
    except (OSError, ValueError):  # such as a URL's
        return None
    return state.st_mtime_ns, state.st_size
