"""The line protocol of metrics, checked line by line."""

from __future__ import annotations

import re
from typing import NamedTuple

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
MOST_TOLD = 1_000
"""Lines at fault that an answer names; a megabyte has half a million."""

_MOST_DIMENSIONS = 50
_RESERVED = "dt."
_KEY = re.compile(r"[A-Za-z_][\w-]*+(?:\.\w[\w-]*+)*+", re.ASCII)
_KEY_LENGTHS = range(3, 256)
_DIMENSION = re.compile(
    r""",\s*+([a-z_][a-z0-9_.:-]*+)=("(?:[^"\\]|\\.)*+"|(?:[^\s,"\\]|\\.)*+)(?=[,\s])""", re.ASCII
)
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_SUMMARY = rf"(?:min|max|sum|count)={_NUMBER}"
_PAYLOAD = re.compile(
    rf"\s+(?:(?:gauge,)?{_NUMBER}|gauge,({_SUMMARY}(?:,{_SUMMARY})*,?)"
    rf"|count,(?:delta=)?{_NUMBER})(?:\s+(\d+))?\s*",
    re.ASCII,
)
_METADATA = re.compile(r"#\s*(\S+)\s+(?:gauge|count)\s+dt\.meta\.\w+=.*", re.ASCII | re.DOTALL)
_SUMMARIES = ["count", "max", "min", "sum"]


class LineFault(NamedTuple):
    """A line against the protocol; lines are counted from 1."""

    line: int
    error: str


class LineCount(NamedTuple):
    """The numbers of good and of bad lines, and the first faults."""

    ok: int
    invalid: int
    faults: list[LineFault]


def check_lines(text: str, now_ms: int) -> LineCount:
    """Return the faults in the lines of a text; empty lines are left out."""
    ok = invalid = 0
    faults: list[LineFault] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        fault = find_fault(line.strip(), now_ms)
        if fault is None:
            ok += 1
            continue
        invalid += 1
        if invalid <= MOST_TOLD:
            faults.append(LineFault(number, fault))
    return LineCount(ok, invalid, faults)


def find_fault(line: str, now_ms: int) -> str | None:
    """Return the broken rule of a line; None of a good one."""
    if line.startswith("#"):
        described = _METADATA.fullmatch(line)
        return None if described and _is_key(described[1]) else "invalid metadata"
    key = _KEY.match(line)
    if not key or not _is_key(key[0]) or line[key.end() : key.end() + 1] not in (",", " ", "\t"):
        return "invalid metric key"
    end, count = key.end(), 0
    while dimension := _DIMENSION.match(line, end):
        end, count = dimension.end(), count + 1
    if line[end : end + 1] == ",":
        return "invalid dimension"
    if count > _MOST_DIMENSIONS:
        return f"more than {_MOST_DIMENSIONS} dimensions"
    return _payload_fault(line, end, now_ms)


def _is_key(key: str) -> bool:
    is_reserved = key.startswith(_RESERVED)
    return bool(_KEY.fullmatch(key)) and len(key) in _KEY_LENGTHS and not is_reserved


def _payload_fault(line: str, start: int, now_ms: int) -> str | None:
    payload = _PAYLOAD.fullmatch(line, start)
    if not payload:
        return "invalid payload"
    summaries, timestamp = payload.groups()
    if summaries is not None:
        names = sorted(part.partition("=")[0] for part in summaries.split(","))
        if names != _SUMMARIES:
            return "a gauge has min, max, sum and count"
    if timestamp is not None and not _is_near(timestamp, now_ms):
        return "timestamp is out of range"
    return None


def _is_near(timestamp: str, now_ms: int) -> bool:
    if len(timestamp) > 16:
        return False
    return now_ms - HOUR_MS <= int(timestamp) <= now_ms + 10 * MINUTE_MS
