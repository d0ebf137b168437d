"""The versions of uvicorn tested with `uvicorn_protocol`."""

from __future__ import annotations

import logging

import uvicorn

from tallystick.shared_warnings import COMMON

VERIFIED = frozenset({"0.54.0"})


def is_verified() -> bool:
    """Return whether the installed uvicorn is a tested version; log a warning if not."""
    if uvicorn.__version__ in VERIFIED:
        return True
    logging.getLogger(__name__).warning(
        "uvicorn %s was not verified, only %s: requests take its own, slower HTTP protocol",
        uvicorn.__version__,
        ", ".join(sorted(VERIFIED)),
        extra=COMMON,
    )
    return False
