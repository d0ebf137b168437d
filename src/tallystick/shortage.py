"""A shortage of memory or threads, told in words."""

from __future__ import annotations

import errno

# In the words of CPython and of glibc's loader.
_SIGNS = (
    "can't start new thread",
    "without exception set",
    "without setting an exception",
    "failed to map segment",
)

_TELLING = (RuntimeError, ImportError, SystemError)

TRY_LATER = 75
"""The exit code after a lack of something for now, as EX_TEMPFAIL of sysexits.h."""


def find_shortage(error: BaseException) -> str:
    """Return the shortage behind an error in words; empty for an error of another kind."""
    is_system = isinstance(error, OSError) and error.errno == errno.ENOMEM
    if isinstance(error, MemoryError) or is_system:
        return "this process has too little memory"
    words = str(error) if isinstance(error, _TELLING) else ""
    if any(sign in words for sign in _SIGNS):
        return f"this process has too little memory or too few threads: {words}"
    return ""
