"""Settings of a mock, beside those of every service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, model_validator
from pydantic_settings import NoDecode

from tallystick.settings import LOOPBACK_HOSTS, Settings

ALWAYS = {"database": "sqlite://", "dev": True, "connexion": False}
"""Settings of every mock, fixed: it is in memory and has the dev world."""

PASSED = 64 * 1024 * 1024
"""The largest body passed on by a proxy, in bytes."""


class MockSettings(Settings):
    """Hold the mock's settings; a command-line option wins over its environment variable."""

    makes_certificates: ClassVar[bool] = True

    tls_names: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Further names and addresses for the certificate that is made."
    )
    tls_ca: Path | None = Field(
        None, description="File to write the CA of the certificate that is made to, in PEM."
    )
    seed: int | None = Field(None, description="Seed of repeatable ids, times and tokens.")
    world: Path | None = Field(None, description="YAML file with the world at start.")
    strict: bool = Field(False, description="Refuse answers from outside the contract.")
    allow_remote: bool = Field(False, description="Let other machines reach this one.")

    @model_validator(mode="after")
    def _made_only(self) -> MockSettings:
        made = self.speaks_tls and not self.tls_cert
        if (self.tls_names or self.tls_ca) and not made:
            raise ValueError("--tls-name and --tls-ca go with --tls, without --tls-cert")
        return self

    @model_validator(mode="after")
    def _dev_only(self) -> MockSettings:
        if self.host not in LOOPBACK_HOSTS and not self.allow_remote:
            raise ValueError(
                f"the mock has public credentials: on {self.host} it needs --allow-remote"
            )
        return self
