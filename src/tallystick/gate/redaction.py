"""Redacts secrets in reports.

A command gets the secret's environment variable in its place, and a text three asterisks. Control
characters are escaped, since a foreign server may answer with anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote

from tallystick.gate.outcome import CheckResult

_STARS = "***"
_TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*")
_SCHEMES = ("Api-Token ", "Bearer ", "bearer ", "Basic ")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters with an effect on a terminal, or without an encoding."""
_NOTHING: Mapping[str, str] = {}
_SHORTEST = 4
"""The shortest secret redacted; shorter ones are parts of ordinary words."""


class Redaction:
    """A filter of one run's secrets, given by their environment variables."""

    def __init__(self, secrets: Mapping[str, str], told: Mapping[str, str] = _NOTHING) -> None:
        """`told`: the variables whose value is another than the secret in a request."""
        spelled: list[tuple[str, str]] = []
        for name, secret in secrets.items():
            if name in told:
                spelled += _told_spellings(name, secret, told[name])
            spelled += _spellings(name, secret)
        longest_first = sorted(spelled, key=lambda pair: -len(pair[0]))
        self._shell: dict[str, str] = {}
        for text, shell in longest_first:
            if len(text) >= _SHORTEST:
                self._shell.setdefault(text, shell)

    def text(self, text: str) -> str:
        """Return a text with secrets masked and control characters escaped."""
        for secret in self._shell:
            text = text.replace(secret, _STARS)
        return _UNSEEN.sub(_written_out, _TOKEN.sub(_STARS, text))

    def command(self, command: str) -> str:
        """Return a shell command that reads its secrets from the environment."""
        for secret, shell in self._shell.items():
            # Where a secret stands, the argument is between single quotes.
            command = command.replace(secret, f"'\"{shell}\"'")
        return _UNSEEN.sub(_written_out, _TOKEN.sub(_STARS, command))

    def result(self, result: CheckResult) -> CheckResult:
        """Return the result with secrets redacted."""
        return replace(
            result,
            name=self.text(result.name),
            reason=self.text(result.reason),
            objections=tuple(map(self.text, result.objections)),
            sent=self.command(result.sent),
            came=self.text(result.came),
        )


def _written_out(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def _told_spellings(name: str, secret: str, told: str) -> Iterator[tuple[str, str]]:
    """Yield a secret with what a shell writes for it, where the variable has a part of it."""
    before, found, after = secret.partition(told)
    if found and not after:
        yield secret, f"{before}${{{name}}}"
        yield from _spellings(name, told)
    else:
        word, _, encoded = secret.partition(" ")
        shell = f'$(printf %s "${{{name}}}" | base64 -w 0)'
        yield from ((secret, f"{word} {shell}"), (encoded, shell), (told, f"${{{name}}}"))


def _spellings(name: str, secret: str) -> Iterator[tuple[str, str]]:
    scheme, space, bare = secret.partition(" ")
    if space and f"{scheme} " in _SCHEMES:
        yield secret, f"${{{name}}}"
        name += "#* "  # the shell's way to leave the scheme away
    else:
        bare = secret
    for text in {bare, quote(bare, safe=""), quote(bare), json.dumps(bare)[1:-1]}:
        yield text, f"${{{name}}}"
