"""What a run is told: by options, then by the environment, then by ``tallystick.toml``."""

from __future__ import annotations

import os
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

_KEYS = {"url", "apis", "budget", "seed", "safe", "baseline", "reports", "credentials", "known"}

_LEAST_EXAMPLES = 10


class BadConfiguration(ValueError):
    """What the run was told makes no sense; the message says what."""


class Budget(StrEnum):
    """How much a run may send: about 30 seconds, 3 minutes and 15 minutes for one API."""

    QUICK = "quick"
    NORMAL = "normal"
    THOROUGH = "thorough"

    def examples(self, api: str) -> int:
        """How many examples of each kind each operation gets."""
        operations = sum(operation.api == api for operation in contract.operations())
        return max(_LEAST_EXAMPLES, _EXAMPLES[self] // max(operations, 1))


_EXAMPLES = {Budget.QUICK: 1_500, Budget.NORMAL: 10_000, Budget.THOROUGH: 50_000}


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that a run is told."""

    url: str
    apis: tuple[str, ...] = ()
    budget: str = defaults.BUDGET
    safe: bool = False
    seed: int = defaults.SEED
    baseline: Path | None = None
    reports: Mapping[str, Path] = field(default_factory=dict)
    """Format to file."""
    credentials: Mapping[str, str] = field(default_factory=dict)
    """Such as ``event_store.key`` to its secret."""
    known: Mapping[str, str] = field(default_factory=dict)
    """Such as ``eventhos.event`` to its identifier."""

    def judges_api(self, api: str) -> bool:
        """Whether anything is told of the API's own world, which is then not the dev world."""
        told = (*self.credentials, *self.known)
        in_environment = any(
            name.startswith(f"TALLYSTICK_{kind}_{api.upper()}_")
            for name in os.environ
            for kind in ("CONTRACT", "KNOWN")
        )
        return in_environment or any(name.startswith(f"{api}.") for name in told)

    def known_of(self, api: str, names: Iterable[str]) -> dict[str, str]:
        """What is known of an API's own world, from options, environment or file."""
        found = {}
        for name in names:
            variable = _variable("KNOWN", api, name)
            if value := self.known.get(f"{api}.{name}") or os.environ.get(variable):
                found[name] = value
        return found

    @property
    def loopback(self) -> bool:
        """Whether the server is on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


def configuration(url: str | None, **options: Any) -> Configuration:
    """The run's configuration; an option that was not given is taken from the file."""
    table = _table(FILE)
    given = {name: value for name, value in options.items() if value not in (None, (), [], {})}
    if "baseline" in table:
        table["baseline"] = Path(table["baseline"])
    for name, kind in (("credentials", "CONTRACT"), ("known", "KNOWN")):
        table[name] = {**_flat(table.get(name, {}), kind), **given.pop(name, {})}
    reports = {kind: Path(file) for kind, file in table.pop("reports", {}).items()}
    url = url or table.pop("url", None)
    if not url or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise BadConfiguration(f"{url or 'an empty text'} is not the http or https URL of a server")
    merged = {**table, **given, "url": url.rstrip("/")}
    merged["reports"] = {**reports, **given.get("reports", {})}
    merged["apis"] = tuple(merged.get("apis", ()))
    return Configuration(**merged)


def pairs(texts: Iterable[str], what: str) -> dict[str, str]:
    """The names and values of options such as ``event_store.key=SECRET``."""
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
    """What a file tells, but for what the environment tells otherwise."""
    return {
        f"{api}.{name}": _expanded(str(value))
        for api, values in by_api.items()
        for name, value in values.items()
        if _variable(kind, api, name) not in os.environ
    }


def _variable(kind: str, api: str, name: str) -> str:
    return f"TALLYSTICK_{kind}_{api.upper()}_{name.upper()}"


def _expanded(value: str) -> str:
    """A value that is ``$NAME`` is the environment's, so that no secret is in a file."""
    if not value.startswith("$"):
        return value
    if value[1:] not in os.environ:
        raise BadConfiguration(f"{FILE}: {value} is not set")
    return os.environ[value[1:]]
