"""Reads a run's configuration: options, then the environment, then ``tallystick.toml``."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tallystick import defaults
from tallystick.contract.yaml_bounds import read_bounded_file
from tallystick.contract_tests import contract

FILE = Path("tallystick.toml")

_KEYS = {
    "url", "apis", "contracts", "budget", "seed", "safe", "only", "baseline", "reports",
    "credentials", "known",
}  # fmt: skip
PAGE = "page"
"""The value of `only` to judge by the vendor's page alone."""


_LEAST_EXAMPLES = 10


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
    return Configuration(**merged)


def pairs(texts: Iterable[str], what: str) -> dict[str, str]:
    """Return names and values of options such as ``event_store.key=SECRET``.

    Raises `BadConfiguration` with `what` as the option's name.
    """
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadConfiguration(f"{what} is written NAME=VALUE, not {name}")
        found[name] = value
    return found


def _table(file: Path) -> dict[str, Any]:
    try:
        table: dict[str, Any] = tomllib.loads(read_bounded_file(file).decode()).get("verify", {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadConfiguration(f"{file}: {error}") from error
    if unknown := sorted(set(table) - _KEYS):
        raise BadConfiguration(f"{file}: [verify] has no setting {', '.join(unknown)}")
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
