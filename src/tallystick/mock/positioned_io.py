"""Reads and writes at a place of a file, also on Windows, which has no pread(2)."""

from __future__ import annotations

import os


def read_at(file: int, size: int, place: int) -> bytes:
    """Return up to `size` bytes of a file descriptor's file, from the place on."""
    if hasattr(os, "pread"):
        return os.pread(file, size, place)
    os.lseek(file, place, os.SEEK_SET)
    return os.read(file, size)


def write_at(file: int, content: bytes, place: int) -> int:
    """Write bytes to a file descriptor's file at the place, and return how many were written."""
    if hasattr(os, "pwrite"):
        return os.pwrite(file, content, place)
    os.lseek(file, place, os.SEEK_SET)
    return os.write(file, content)
