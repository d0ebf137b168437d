"""The versions of uvicorn tested with `uvicorn_protocol`."""

from __future__ import annotations

import logging
from importlib.metadata import version

from tallystick.shared_warnings import COMMON

VERIFIED = frozenset({"0.54.0"})


def is_verified() -> bool:
    """Return whether the installed uvicorn is a tested version; log a warning if not."""
    installed = version("uvicorn")
    if installed in VERIFIED:
        return True
    logging.getLogger(__name__).warning(
        "uvicorn %s was not verified, only %s: requests take its own, slower HTTP protocol",
        installed,
        ", ".join(sorted(VERIFIED)),
        extra=COMMON,
    )
    return False
