"""The standard streams of a process that was started without them."""

from __future__ import annotations

import os
import sys

_MODES = {"stdin": "r", "stdout": "w", "stderr": "w"}
"""Name → mode, by their numbers."""


def open_closed_streams() -> None:
    """Open each closed stream on the null device.

    Else the next file or connection takes its number, and is written to; and Python prints a note
    for no standard error into the output.
    """
    for name, mode in _MODES.items():
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)  # it gets the lowest free number: that of its own
            setattr(sys, name, os.fdopen(null, mode, encoding="utf-8", closefd=False))
