"""What a mock is started with, beside the settings of every service."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from tallystick.settings import LOOPBACK_HOSTS, Settings

ALWAYS = {"database": "sqlite://", "dev": True, "connexion": False}
"""Whatever the environment says: a mock is in memory, and has the dev world."""

PASSED = 64 * 1024 * 1024
"""Bytes of the largest body that a proxy passes on."""


class MockSettings(Settings):
    """How the mock runs; a command-line option of the same name wins over the environment."""

    seed: int | None = Field(None, description="Seed of repeatable ids, times and tokens.")
    world: Path | None = Field(None, description="YAML file with the world at start.")
    allow_remote: bool = Field(False, description="Let other machines reach this one.")

    @model_validator(mode="after")
    def _dev_only(self) -> MockSettings:
        if self.host not in LOOPBACK_HOSTS and not self.allow_remote:
            raise ValueError(
                f"the mock has public credentials: on {self.host} it needs --allow-remote"
            )
        return self
