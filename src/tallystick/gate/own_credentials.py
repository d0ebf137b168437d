"""Credentials for your own contract, by the names of its security schemes."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from tallystick.contract.document import Document
from tallystick.contract.security_schemes import http_word
from tallystick.gate.configuration import BadConfiguration, name_variable


class OwnCredentials:
    """The credentials of one contract, of which you gave some."""

    def __init__(self, document: Document, told: Mapping[str, str]) -> None:
        self._document = document
        self._schemes = {_short(name): scheme for name, scheme in document.schemes.items()}
        self.given = {name: value for name in self._schemes if (value := self._find(name, told))}
        """Your values, by scheme."""

    def _find(self, name: str, told: Mapping[str, str]) -> str | None:
        variable = name_variable("CONTRACT", self._document.api, name)
        own = told.get(f"{self._document.api}.{name}") or told.get(name)
        return own or os.environ.get(variable)

    @property
    def names(self) -> list[str]:
        """Return the names of the schemes."""
        return list(self._schemes)

    def choose(self, operation: Mapping[str, Any]) -> str | None:
        """Return the credential that an operation takes, one you gave if it can be.

        Return None for an open operation. Schemes that are asked for together have one name.
        """
        asked = [[_short(name) for name in each] for each in operation.get("security", ())]
        given = [each for each in asked if each and set(each) <= set(self.given)]
        chosen = next(iter(given or ([[]] if [] in asked else asked)), [])
        return " and ".join(chosen) or None

    def make_facts(self) -> dict[str, dict[str, Any]]:
        """Return where each credential stands in a request, as a file of facts has it."""
        alone = {name: _place(scheme) for name, scheme in self._schemes.items()}
        facts: dict[str, dict[str, Any]] = {name: place for name, place in alone.items() if place}
        for _, __, operation in self._document.operations():
            for requirement in operation.get("security", ()):
                names = [_short(name) for name in requirement]
                if len(names) > 1:
                    # Of two in one header that with a word of its own, such as Bearer, is sent.
                    first = sorted(names, key=lambda name: self._schemes[name]["type"] == "apiKey")
                    facts[" and ".join(names)] = {**alone[first[0]], "together": first}
        return facts

    def list_told(self) -> dict[str, str]:
        """Return your values as you gave them, by their environment's variables."""
        api = self._document.api
        return {name_variable("CONTRACT", api, name): text for name, text in self.given.items()}

    def make_secrets(self) -> dict[str, str]:
        """Return your values as a request has them, by API and scheme."""
        api = self._document.api
        return {
            f"{api}.{name}": _spell(self._schemes[name], value)
            for name, value in self.given.items()
        }


def refuse_unknown_names(
    what: str, told: Mapping[str, str], known: Mapping[str, Sequence[str]]
) -> None:
    """Raise `BadConfiguration` for a name, alone or after its API, that no contract has.

    `known` has the names by API. A name of another API is for another run of the same file.
    """
    everywhere = list(dict.fromkeys(name for names in known.values() for name in names))
    for name in told:
        if name not in everywhere and not _is_of_api(name, known):
            choice = f"choose one of {', '.join(everywhere)}"
            raise BadConfiguration(
                f"unknown {what} {name}: {choice if everywhere else 'the contract has none'}"
            )


def _is_of_api(name: str, known: Mapping[str, Sequence[str]]) -> bool:
    """Return whether a name follows its API, one of another run or one with this name."""
    api, dot, own = name.partition(".")
    return bool(dot) and (api not in known or own in known[api])


def _short(scheme: str) -> str:
    return scheme.partition(".")[2]


def _place(scheme: Mapping[str, Any]) -> dict[str, str]:
    if scheme["type"] == "mutualTLS":
        return {}
    if scheme["type"] != "apiKey":
        return {"header": "Authorization"}
    where = scheme["in"]
    return {"header": "Cookie"} if where == "cookie" else {where: scheme["name"]}


def _spell(scheme: Mapping[str, Any], value: str) -> str:
    """Return a secret as its header or query has it."""
    if scheme["type"] == "apiKey":
        return f"{scheme['name']}={value}" if scheme["in"] == "cookie" else value
    word = http_word(scheme) or ""
    secret = b64encode(value.encode()).decode() if word == "basic" else value
    return f"{word.capitalize()} {secret}"
