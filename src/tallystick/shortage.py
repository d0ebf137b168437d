"""A shortage of memory, threads or open files, told in words."""

from __future__ import annotations

import errno

_NUMBERS = frozenset({errno.ENOMEM, errno.EMFILE, errno.ENFILE})
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
    if isinstance(error, MemoryError):
        return "this process has too little memory"
    words = str(error)
    is_told = isinstance(error, _TELLING) and any(sign in words for sign in _SIGNS)
    if is_told or (isinstance(error, OSError) and error.errno in _NUMBERS):
        return f"this process has too little memory, or too few threads or files: {words}"
    return ""
