"""Unexpected errors in words that a log may hold."""

from __future__ import annotations

import traceback


def describe_failure(error: BaseException) -> str:
    """Return an error's class, file, line and function; its class alone if it was not raised.

    Its own text is left out, as it may hold a secret.
    """
    name = type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return name
    frame = frames[-1]
    return f"{name} at {frame.filename.rpartition('/')[2]}:{frame.lineno} in {frame.name}"
