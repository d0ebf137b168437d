"""The owner of a process's leases."""

from __future__ import annotations

import os
import socket

from tallystick.events import new_id


def new_owner(now_ms: int) -> str:
    """Return a name unlike any other, over all hosts, processes and restarts.

    Ask for it when your component opens: the processes of `serve --workers` are copies of one, and
    share all that it had made.
    """
    return f"{socket.gethostname()}:{os.getpid()}:{new_id(now_ms)}"
