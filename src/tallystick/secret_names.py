"""Recognises names of secrets (headers, query parameters, JSON members) and masks their values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Set
from contextlib import suppress
from functools import lru_cache, partial
from itertools import chain
from typing import Any
from urllib.parse import unquote_plus

MASK = "***"

_SECRET = re.compile(
    r"(authorization|cookie|credentials?|jwt|secrets?|token|pass[^a-z]*(phrase|wd|word)"
    r"|(access|api|auth|private|secret|subscription)[^a-z]*key"
    r"|(?<![a-z])(auth|pwd|sig|sk))[^a-z]*$"
)
_STEMS = ("auth", "cookie", "cred", "jwt", "key", "pass", "pwd", "secret", "sig", "sk", "token")
"""Lower-case parts of names; every name of a secret has one of them."""

_LONGEST = 128
"""The number of last characters of a name examined."""

_SHORT = 96
"""The longest query in the cache; a caller's short queries are mostly the same."""

_EMPTY = '""'
_LONGEST_ESCAPE = len("\\u0000")
_DEEPEST = 4
"""The levels of JSON within strings of JSON examined."""

_FIELD = re.compile(r"(^|[?&])([^=&#?\s\"]+)=([^&#\s\"]+)")
_URL_FIELD = re.compile(r"([?&])([^=&#]+)=([^&#]+)")
# Each quotation mark begins a match, also where the text was cut off: so no text is slow.
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_MEMBER = re.compile(rf"({_STRING})(?:(\s*+:\s*+)({_STRING}))?", re.DOTALL)


def is_secret_name(name: str) -> bool:
    """Return whether a name is a secret's, such as ``Private-Token`` or ``refreshToken``."""
    # The bound keeps long names cheap: 160,000 headers once took 19 s to mask.
    return _ends_as_secret(name[-_LONGEST:])


@lru_cache(maxsize=1_000)
def _ends_as_secret(name: str) -> bool:
    return _SECRET.search(name.lower()) is not None


def mask_query(query: str, names: Set[str] = frozenset()) -> str:
    """Return a query string with secrets masked, by their names and by `names`."""
    if names:
        return _mask_fields(query, names)
    return _mask_short_query(query) if len(query) <= _SHORT else _mask_long_query(query)


@lru_cache(maxsize=1_000)
def _mask_short_query(query: str) -> str:
    return _mask_fields(query, frozenset())


def _mask_long_query(query: str) -> str:
    lowered = query.lower()
    is_suspect = "%" in query or any(stem in lowered for stem in _STEMS)
    return _mask_fields(query, frozenset()) if is_suspect else query


def mask_url(url: str) -> str:
    """Return a text with the secrets in the queries of its URLs masked."""
    return _URL_FIELD.sub(_mask_found, url) if "=" in url else url


def mask_text(text: str, depth: int = 0) -> str:
    """Return JSON, a form or other text, whole or cut off, with named secrets masked.

    JSON within a string of JSON is masked as well.
    """
    return _FIELD.sub(_mask_found, _MEMBER.sub(partial(_mask_member, depth), text))


def secret_values(value: Any) -> Iterator[str]:
    """Yield each text in a JSON value with the name of a secret."""
    if isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, str) and is_secret_name(name):
                yield member
            yield from secret_values(member)
    if isinstance(value, list):
        for item in value:
            yield from secret_values(item)


def _mask_fields(query: str, names: Set[str]) -> str:
    return "&".join([_mask_field(field, names) for field in query.split("&")])


def _mask_field(field: str, names: Set[str]) -> str:
    name, _, value = field.partition("=")
    plain = unquote_plus(name)
    is_secret = is_secret_name(plain) or plain in names
    return f"{name}={MASK}" if value and is_secret else field


def _mask_found(field: re.Match[str]) -> str:
    before, name, _ = field.groups()
    return f"{before}{name}={MASK}" if is_secret_name(unquote_plus(name)) else field[0]


def _mask_member(depth: int, member: re.Match[str]) -> str:
    name, colon, value = member.groups()
    if value is None:
        return _mask_string(name, depth)
    if value != _EMPTY and is_secret_name(_read_string(name) or name):
        return f'{name}{colon}"{MASK}"'
    return f"{name}{colon}{_mask_string(value, depth)}"


def _mask_string(string: str, depth: int) -> str:
    """Return a JSON string with secrets masked in JSON or a URL inside it."""
    plain = _read_string(string) if "\\" in string or "=" in string else None
    if plain is None or depth == _DEEPEST:
        return string
    shown = mask_text(plain, depth + 1)
    return string if shown == plain else json.dumps(shown, ensure_ascii=False)


def _read_string(string: str) -> str | None:
    """Return the value of a JSON string, or the beginning of one cut off."""
    # Most names have no escape; decoding each took four times as long as the rest of a record.
    if "\\" not in string:
        return string.strip('"')
    beginnings = (f'{string[: len(string) - cut]}"' for cut in range(_LONGEST_ESCAPE + 1))
    for text in chain([string], beginnings):
        with suppress(ValueError):
            return str(json.loads(text, strict=False))
    return None
