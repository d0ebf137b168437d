"""Settings of a mock, beside those of every service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from click import INT

from tallystick.setting_types import A_FILE, FLAG, NAMES, setting
from tallystick.settings import LOOPBACK_HOSTS, Settings

ALWAYS = {"database": "sqlite://", "dev": True, "connexion": False}
"""Settings of every mock, fixed: it is in memory and has the dev world."""

PASSED = 64 * 1024 * 1024
"""The largest body passed on by a proxy, in bytes."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MockSettings(Settings):
    """Hold the mock's settings; a command-line option wins over its environment variable."""

    makes_certificates: ClassVar[bool] = True

    tls_names: tuple[str, ...] = setting(
        (), NAMES, "Further names and addresses for the certificate that is made."
    )
    tls_ca: Path | None = setting(
        None, A_FILE, "File to write the CA of the certificate that is made to, in PEM."
    )
    seed: int | None = setting(None, INT, "Seed of repeatable ids, times and tokens.")
    world: Path | None = setting(None, A_FILE, "YAML file with the world at start.")
    strict: bool = setting(False, FLAG, "Refuse answers from outside the contract.")
    allow_remote: bool = setting(False, FLAG, "Let other machines reach this one.")

    def _conflicts_of_tls(self) -> Iterator[str]:
        yield from super()._conflicts_of_tls()
        made = self.speaks_tls and not self.tls_cert
        if (self.tls_names or self.tls_ca) and not made:
            yield "--tls-name and --tls-ca go with --tls, without --tls-cert"

    def _conflicts_of_exposure(self) -> Iterator[str]:
        if self.host not in LOOPBACK_HOSTS and not self.allow_remote:
            yield f"the mock has public credentials: on {self.host} it needs --allow-remote"
