"""Reads JSON strictly by RFC 8259: all valid JSON, and only that."""

from __future__ import annotations

import codecs
import json
import re
import sys
from array import array
from itertools import accumulate
from math import copysign
from typing import Any, NoReturn

import orjson

MAX_DEPTH = 1_000
"""Levels of arrays and objects."""

_FRAMES = 4_000
_MAX_DIGITS = 30
_LONG_INTEGER = re.compile(rb"\d{%d}" % (_MAX_DIGITS + 1))
_LARGEST = 1.7976931348623157e308
# Possessive, and a string without its end matches too: each byte is read once, whatever the text.
_STRING = re.compile(rb'"(?>[^"\\]+|\\.)*+"?', re.DOTALL)
_LEVELS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")  # one up, and as a signed byte one down
_NO_BRACKETS = bytes(set(range(256)) - set(b"[{]}"))


def allow_depth() -> None:
    """Let this process read `MAX_DEPTH` levels, for more frames than Python's usual 1,000."""
    sys.setrecursionlimit(_FRAMES)


class Unreadable(ValueError):
    """The text is not JSON in UTF-8; `keyword` names the broken rule."""

    def __init__(self, keyword: str, message: str) -> None:
        super().__init__(message)
        self.keyword = keyword


def read_json(text: bytes) -> Any:
    """Return the value of a JSON text; numbers too large for orjson and Python are clamped.

    Raises `Unreadable` with the keyword ``charset``, ``depth`` or ``syntax``.
    """
    # Fewer brackets can't nest deeper, so most texts cost a count alone.
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH:
        refuse_depth(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _loads_leniently(text)


def refuse_depth(text: bytes, most: int = MAX_DEPTH) -> None:
    """Raise `Unreadable` for a text with more levels of arrays and objects."""
    # RFC 8259, section 9, allows a bound of the depth. The scan takes linear time, because it sees
    # texts before they are validated: an earlier one took 14 s for 64 KB.
    levels = array("b", _STRING.sub(b"", text).translate(_LEVELS, _NO_BRACKETS))
    if max(accumulate(levels), default=0) > most:
        raise Unreadable("depth", f"is nested deeper than {most} levels")


def _loads_leniently(text: bytes) -> Any:
    # orjson refuses integers of 310 digits, 1e400 and lone surrogates, which are JSON.
    if text.startswith(codecs.BOM_UTF8):
        raise Unreadable("syntax", "is not JSON: it begins with a byte order mark")
    try:
        return json.loads(
            text.decode(),
            parse_int=_integer if _LONG_INTEGER.search(text) else None,
            parse_float=_number,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        raise Unreadable("charset", f"is not UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        what = error.msg.lower().removesuffix(" at")  # "Unterminated string starting at"
        where = f"line {error.lineno}, column {error.colno}"
        raise Unreadable("syntax", f"is not JSON: {what} at {where}") from None
    except RecursionError:
        raise Unreadable("depth", "is nested too deeply") from None


def _integer(digits: str) -> int:
    # Python reads digits in quadratic time, and refuses more than 4,300 of them.
    if len(digits) <= _MAX_DIGITS:
        return int(digits)
    return int(-(10**_MAX_DIGITS) if digits.startswith("-") else 10**_MAX_DIGITS)


def _number(digits: str) -> float:
    number = float(digits)
    return number if -_LARGEST <= number <= _LARGEST else copysign(_LARGEST, number)


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable("syntax", f"is not JSON: {name} is no number")


def write_json(value: Any) -> bytes:
    """Return a value as JSON in UTF-8; lone surrogates are escaped, integers may be of any size."""
    try:
        return orjson.dumps(value)
    except TypeError:  # orjson writes UTF-8 and 64 bits alone
        return json.dumps(value, separators=(",", ":")).encode()


def repeated_key(text: bytes, value: Any) -> str | None:
    """Return the first key given twice in an object of the text, at any level, or None.

    `value` is the parsed text. Raises `Unreadable` with the keyword ``depth``.
    """
    flat = isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    # Each key and each string has two quotes, and only a repeated key or an escape adds to them.
    if flat and text.count(b'"') == 4 * len(value):
        return None
    return _first_repeated(text)


def _first_repeated(text: bytes) -> str | None:
    repeated: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> None:
        if len(dict(members)) == len(members):
            return
        seen = set()
        for key, _ in members:
            if key in seen:
                repeated.append(key)
            seen.add(key)

    try:
        # No number matters here, and the length of its text is the cheapest value for it.
        json.loads(text.decode(), object_pairs_hook=pairs, parse_int=len, parse_float=len)
    except RecursionError:
        raise Unreadable("depth", "is nested too deeply") from None
    return repeated[0] if repeated else None
