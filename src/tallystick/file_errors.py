"""Errors of files in words."""

from __future__ import annotations


def explain_os_error(error: OSError) -> str:
    """Return the file at fault with the reason: ``can't use a.yaml: No such file or directory``."""
    if error.filename is None:
        return str(error)
    return f"can't use {error.filename}: {error.strerror}"
