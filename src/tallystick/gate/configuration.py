"""Reads a run's configuration: options, then the environment, then ``tallystick.toml``."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tallystick import defaults
from tallystick.contract.schema_messages import unknown_name
from tallystick.contract.yaml_bounds import read_bounded_file
from tallystick.contract_tests import contract

FILE = Path("tallystick.toml")

PAGE = "page"
"""The value of `only` to judge by the vendor's page alone."""


_LEAST_EXAMPLES = 10


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_table_of(value: Any, is_one: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and all(map(is_one, value.values()))


def _is_of_apis(value: Any) -> bool:
    return _is_table_of(value, lambda each: isinstance(each, dict))


_FORMS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("url", "budget", "only", "baseline"), (_is_text, "a text")),
    **dict.fromkeys(("apis", "contracts"), (_is_texts, 'a list of texts, such as ["crm"]')),
    "seed": (lambda value: type(value) is int and value >= 0, "a whole number of 0 or more"),
    "safe": (lambda value: isinstance(value, bool), "true or false"),
    "reports": (lambda value: _is_table_of(value, _is_text), "a table of files"),
    "credentials": (_is_of_apis, "a table for each API, such as [verify.credentials.crm]"),
    "known": (_is_of_apis, "a table for each API, such as [verify.known.crm]"),
}
"""Name in the file → the test of its value, and its form in words."""


class BadConfiguration(ValueError):
    """The configuration has a fault; the message says which."""


class Budget(StrEnum):
    """A limit of a run: about 30 seconds, 3 minutes or 15 minutes for one API."""

    QUICK = "quick"
    NORMAL = "normal"
    THOROUGH = "thorough"

    def examples(self, api: str) -> int:
        """Return the number of examples of each kind for each operation."""
        operations = sum(operation.api == api for operation in contract.operations())
        return max(_LEAST_EXAMPLES, _EXAMPLES[self] // max(operations, 1))

    @property
    def waits_s(self) -> int:
        """Return the most seconds of waiting as Retry-After asks: about as long as the run."""
        return {Budget.QUICK: 30, Budget.NORMAL: 180, Budget.THOROUGH: 900}[self]


_EXAMPLES = {Budget.QUICK: 1_500, Budget.NORMAL: 10_000, Budget.THOROUGH: 50_000}


@dataclass(frozen=True, slots=True)
class Configuration:
    """Hold the configuration of one run."""

    url: str
    apis: tuple[str, ...] = ()
    budget: str = defaults.BUDGET
    safe: bool = False
    only: str = ""
    """`PAGE`, or empty to judge by our rulings too."""
    seed: int = defaults.SEED
    suites: tuple[str, ...] = ()
    """Names of suites; empty for all."""
    checks: tuple[str, ...] = ()
    """Patterns of the checks' ids; empty for all."""
    contracts: tuple[str, ...] = ()
    """Files, folders and URLs of your own contracts; empty for the five APIs'."""
    baseline: Path | None = None
    reports: Mapping[str, Path] = field(default_factory=dict)
    """Format → file."""
    credentials: Mapping[str, str] = field(default_factory=dict)
    """Name → secret, with names such as ``event_store.key``."""
    known: Mapping[str, str] = field(default_factory=dict)
    """Name → identifier, with names such as ``eventhos.event``."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Environment's variable → credential of your own contract, as you gave it."""

    @property
    def has_own_world(self) -> bool:
        """Return whether you configured a world of the server's own, in place of the dev world."""
        kinds = ("TALLYSTICK_CONTRACT_", "TALLYSTICK_KNOWN_")
        told = (*self.credentials, *self.known)
        return bool(told) or any(name.startswith(kinds) for name in os.environ)

    def known_of(self, api: str, names: Iterable[str]) -> dict[str, str]:
        """Return the configured identifiers among `names` for an API, by name."""
        found = {}
        for name in names:
            variable = name_variable("KNOWN", api, name)
            told = self.known.get(f"{api}.{name}") or self.known.get(name)
            if value := told or os.environ.get(variable):
                found[name] = value
        return found

    @property
    def loopback(self) -> bool:
        """Return whether the server is on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


def configuration(url: str | None, **options: Any) -> Configuration:
    """Return the run's configuration; raise `BadConfiguration` for a fault in it.

    An option left out is read from the file.
    """
    table = _table(FILE)
    given = {name: value for name, value in options.items() if value not in (None, (), [], {})}
    if "baseline" in table:
        table["baseline"] = Path(table["baseline"])
    for name, kind in (("credentials", "CONTRACT"), ("known", "KNOWN")):
        table[name] = {**_flat(table.get(name, {}), kind), **given.pop(name, {})}
    reports = {kind: Path(file) for kind, file in table.pop("reports", {}).items()}
    url = url or table.pop("url", None)
    if not url or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        wrong = f"{url} is not the http or https URL of a server: " if url else ""
        raise BadConfiguration(f"{wrong}give its base URL, such as http://127.0.0.1:9000")
    merged = {**table, **given, "url": url.rstrip("/")}
    merged["reports"] = {**reports, **given.get("reports", {})}
    merged["apis"] = tuple(merged.get("apis", ()))
    merged["contracts"] = tuple(merged.get("contracts", ()))
    found = Configuration(**merged)
    if found.budget not in list(Budget):
        raise BadConfiguration(f"unknown budget {found.budget}: choose one of {', '.join(Budget)}")
    if found.only not in ("", PAGE):
        raise BadConfiguration(f"unknown --only {found.only}: choose {PAGE}")
    return found


def pairs(texts: Iterable[str], form: str) -> dict[str, str]:
    """Return names and values of options such as ``event_store.key=SECRET``.

    Raises `BadConfiguration` with the form for another text; a secret alone is not repeated.
    """
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadConfiguration(form)
        found[name] = value
    return found


def _table(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(read_bounded_file(file).decode()).get("verify", {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadConfiguration(f"{file}: {error}") from error
    if not isinstance(table, dict):
        raise BadConfiguration(f"{file}: verify must be a table, [verify]")
    for name, value in table.items():
        if name not in _FORMS:
            raise BadConfiguration(f"{file}: [verify] {name} {unknown_name(name, _FORMS)}")
        fits, words = _FORMS[name]
        if not fits(value):
            raise BadConfiguration(f"{file}: [verify] {name} must be {words}")
    return table


def _flat(by_api: Mapping[str, Mapping[str, str]], kind: str) -> dict[str, str]:
    """Return the file's values, without those set in the environment."""
    return {
        f"{api}.{name}": _expanded(str(value))
        for api, values in by_api.items()
        for name, value in values.items()
        if name_variable(kind, api, name) not in os.environ
    }


def name_variable(kind: str, api: str, name: str) -> str:
    """Return the environment's variable of a credential or an identifier."""
    return re.sub(r"\W", "_", f"TALLYSTICK_{kind}_{api}_{name}").upper()


def _expanded(value: str) -> str:
    """Return the environment's value for ``$NAME``, so a file need not contain secrets."""
    if not value.startswith("$"):
        return value
    if value[1:] not in os.environ:
        raise BadConfiguration(f"{FILE}: {value} is not set")
    return os.environ[value[1:]]
