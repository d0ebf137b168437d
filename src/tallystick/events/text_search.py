"""Words of a person, found in the subject and the data of events."""

from __future__ import annotations

import re

SEARCHED_ROWS = 20_000
"""The number of events that one search looks at; it goes on after the last of them."""

SEARCHED_AT_ONCE = 32
"""The number of events that a search fetches at a time: 32 MB, if they are as large as can be."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_CONTROLS = dict(zip("bfnrt", "\b\f\n\r\t", strict=True))


class TextSearch:
    """A search for words, each anywhere in the subject or the data, in upper or lower case."""

    def __init__(self, text: str) -> None:
        self._words = text.casefold().split()

    def finds(self, subject: str, data: bytes) -> bool:
        """Return whether each word occurs; `data` is JSON text."""
        written = f"{subject}\n{_unescaped(data.decode(errors='replace'))}".casefold()
        return all(word in written for word in self._words)


def _unescaped(text: str) -> str:
    """Return JSON text with the characters that its escapes stand for."""
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_character, text)
    # The halves of a pair are escaped one by one, and are one character together.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(escape: re.Match[str]) -> str:
    digits, letter = escape.groups()
    return chr(int(digits, 16)) if digits else _CONTROLS.get(letter, letter)
