"""A guard of a thread that runs Apprise: permitted addresses alone, no programs and no files.

A URL of Apprise may name any host, a file of a template or a key, and services of this machine such
as D-Bus. Python's audit events (PEP 578) come before each such act, whichever library does it.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import threading
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from tallystick.delivery.addresses import Addresses

# Not `sys.path`, as it may have the current folder, where the database and its key lie.
_FOLDERS = tuple(
    os.path.join(os.path.realpath(path), "")
    for path in {
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *zoneinfo.TZPATH,
    }
)
_MODULES = (".py", ".pyc")
"""The ends of the names of files that an import reads, wherever they are."""


class ThreadGuard:
    """The limits of one thread, and the first act that they refused."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self.refused = ""
        """The reason in words; empty if nothing was refused."""

    def refuse(self, reason: str) -> None:
        """Keep the reason, and raise `PermissionError`."""
        self.refused = self.refused or reason
        raise PermissionError(reason)

    def check_address(self, address: Any) -> None:
        """Return if the thread may connect to an address of a socket."""
        host = address[0] if isinstance(address, tuple) else "a socket of this machine"
        if not (isinstance(address, tuple) and self._addresses.permits(str(host))):
            self.refuse(f"nothing may be sent to {host}")

    def check_file(self, path: Any) -> None:
        """Return if the thread may open a file: one of Python's own, as for an import."""
        if not isinstance(path, str | bytes):  # it is open already
            return
        real = os.path.realpath(os.fsdecode(path))
        if not (real.startswith(_FOLDERS) or real.endswith(_MODULES)):
            self.refuse("no file of this machine may be read")

    def refuse_program(self, *_: Any) -> None:
        """Refuse to run a program, or to write to the system's log."""
        self.refuse("nothing may be run on this machine")


_held = threading.local()
_Check = Callable[[ThreadGuard, Any], None]
_CHECKS: Mapping[str, _Check] = {
    "socket.connect": lambda guard, args: guard.check_address(args[1]),
    "socket.sendto": lambda guard, args: guard.check_address(args[1]),
    "socket.sendmsg": lambda guard, args: guard.check_address(args[1]),
    "open": lambda guard, args: guard.check_file(args[0]),
    **dict.fromkeys(
        (
            "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty",
            "syslog.syslog", "syslog.openlog",
        ),
        ThreadGuard.refuse_program,
    ),
}  # fmt: skip


@contextmanager
def guarded_thread(addresses: Addresses) -> Iterator[ThreadGuard]:
    """Guard this thread during the block."""
    _add_hook()
    _held.guard = guard = ThreadGuard(addresses)
    try:
        yield guard
    finally:
        _held.guard = None


@cache
def _add_hook() -> None:
    # A hook can't be removed, so that processes without this kind of destination have none.
    sys.addaudithook(_audit)


def _audit(event: str, args: tuple[Any, ...]) -> None:
    check = _CHECKS.get(event)
    guard: ThreadGuard | None = getattr(_held, "guard", None) if check else None
    if check and guard:
        check(guard, args)
