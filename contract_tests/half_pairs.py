"""Half a surrogate pair in an answer's JSON, as a program shows what it was sent.

JSON can spell it (RFC 8259, section 8.2), but Schemathesis takes such an answer for no JSON at all.
"""

from __future__ import annotations

import re

_INSTEAD = rb"\ufffd"

# A pair is read as one, and after a backslash that is escaped itself `u` is a letter.
_ESCAPES = re.compile(
    rb"(?P<kept>\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def replace_half_pairs(content: bytes) -> bytes:
    """Return JSON with U+FFFD for each half of a surrogate pair, for its schema to judge."""
    return _ESCAPES.sub(lambda found: found["kept"] or _INSTEAD, content)
