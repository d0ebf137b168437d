"""A command that sends bytes again, which curl would not send."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from urllib.parse import urlsplit

_REPEATED = re.compile(rb"(.{1,8}?)\1{39,}", re.DOTALL)


def command(base_url: str, pieces: Sequence[bytes]) -> str:
    """A shell command; what is repeated in the bytes is written once."""
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = f"({parts.hostname!r}, {port})"
    encrypted = "import ssl; s = ssl.create_default_context().wrap_socket(s, server_hostname="
    source = [
        f"import socket; s = socket.create_connection({address}, 20)",
        *([f"{encrypted}{parts.hostname!r})"] if parts.scheme == "https" else []),
        f"s.sendall({' + '.join(_terms(b''.join(pieces))) or 'bytes()'})",
        "print(s.recv(65536).decode(errors='replace'))",
    ]
    return f"python3 -c {shlex.quote('; '.join(source))}"


def _terms(text: bytes) -> list[str]:
    terms, at = [], 0
    for match in _REPEATED.finditer(text):
        if match.start() > at:
            terms.append(repr(text[at : match.start()]))
        terms.append(f"{match[1]!r} * {len(match[0]) // len(match[1])}")
        at = match.end()
    if at < len(text):
        terms.append(repr(text[at:]))
    return terms
