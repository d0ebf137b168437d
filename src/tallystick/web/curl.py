"""Writes a request as a curl command."""

from __future__ import annotations

from shlex import quote

from tallystick.web.sample_request import SampleRequest

ORIGIN = "http://127.0.0.1:8080"
"""The origin in the command; the page's script replaces it by the page's own."""


def curl_line(request: SampleRequest) -> str:
    """Return a curl command; a credential is a shell variable."""
    parts = ["curl"] if request.method in {"GET", "POST"} else [f"curl -X {request.method}"]
    parts += [f"-H {_shell(f'{name}: {value}')}" for name, value in request.headers]
    if request.body is not None:
        parts.append(f"-d {quote(request.body)}")
    parts.append(_shell(f"{ORIGIN}{request.target}"))
    return " \\\n  ".join(parts)


def _shell(word: str) -> str:
    """Return the word quoted for a shell, with variables left to expand."""
    return f'"{word}"' if "$" in word else quote(word)
