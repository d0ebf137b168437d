"""Every setting of the service, read from ``TALLYSTICK_*`` environment variables."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, IPvAnyNetwork, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tallystick import defaults

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(BaseSettings):
    """How the service runs. A command-line option of the same name wins over the environment."""

    model_config = SettingsConfigDict(env_prefix="TALLYSTICK_", extra="forbid")

    host: str = Field(defaults.HOST, description="Address to listen on.")
    port: int = Field(
        defaults.PORT, ge=0, le=65535, description="Port to listen on; 0 takes any free one."
    )
    database: str = Field(
        defaults.DATABASE,
        description="Where events are kept: `sqlite:///FILE`, `sqlite://` for memory, or "
        "`postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    dev: bool = Field(False, description="Start with the seeded world and its fixed credentials.")
    connexion: bool = Field(False, description="Serve by unmodified Connexion, for comparison.")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins that browsers may call from, separated by commas; `*` for all."
    )
    body_limit: int = Field(
        1_048_576, ge=1, description="Largest request body that is read, in bytes."
    )
    head_limit: int = Field(
        163_840, ge=1_024, description="Largest request line with all headers, in bytes."
    )
    target_limit: int = Field(
        98_304, ge=1_024, description="Longest request target, path and query, in bytes."
    )
    connections: int = Field(
        0,
        ge=0,
        description="Connections that may be open; 0 is what the limit of open files leaves beside "
        "deliveries and the database.",
    )
    queue: int = Field(
        10_000,
        ge=0,
        description="Events that may wait to be stored before 503 is answered; "
        "fewer than 100 only with `--dev`.",
    )
    retention_days: int = Field(
        0, ge=0, description="Days after which an event is deleted; 0 keeps it for ever."
    )
    retention_count: int = Field(
        0, ge=0, description="Events that are kept, the newest ones; 0 keeps all."
    )
    access_log: bool = Field(True, description="Write one JSON line a request to standard output.")
    rate_limit: int = Field(
        0, ge=0, description="Requests a minute that one credential may make; 0 is no limit."
    )
    fault: Literal["", "store", "away"] = Field(
        "",
        description="`store` makes the store fail, to see the 500s, and `away` as if its database "
        "were away, to see the 503s; only with `--dev`.",
    )
    delivery_in_flight: int = Field(
        256, ge=1, description="Deliveries that one process has under way at a time."
    )
    delivery_per_endpoint: int = Field(
        64, ge=1, description="Of these, how many go to one scheme, host and port."
    )
    delivery_networks: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        (),
        description="Networks that are not public and may be delivered to, such as "
        "`10.0.0.0/8`, separated by commas. With `--dev`, loopback may be too.",
    )
    keyastrom_unmatched: Literal["none", "environment"] = Field(
        "none",
        description="What a selector that matches no entity binds an event to: "
        "`none` reports nothing, `environment` takes the environment entity.",
    )
    keyastrom_active_hours: int = Field(
        24,
        ge=0,
        le=1_000_000,
        description="Hours after it was last seen in which a selector can pick an entity that it "
        "does not name by its ID; 0 is no limit.",
    )
    eventhos_jwt_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="Signs eventhos tokens, 32 bytes or more. "
        "Without one, a key is made at first start and kept in the database.",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Seals the secrets that must be read back: 32 characters or more; "
        "several, separated by commas, seal with the first and open with all. Without one, "
        "a key is kept in a file beside an SQLite database.",
    )

    @model_validator(mode="before")
    @classmethod
    def _split(cls, values: dict[str, object]) -> dict[str, object]:
        for name in ("cors_origins", "delivery_networks"):
            given = values.get(name)
            if isinstance(given, str):
                values[name] = tuple(item.strip() for item in given.split(",") if item.strip())
        return values

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys and any(len(key.strip()) < 32 for key in keys.get_secret_value().split(",")):
            raise ValueError("a key has 32 characters or more")
        return keys

    @model_validator(mode="after")
    def _dev_only(self) -> Settings:
        if self.dev and self.host not in LOOPBACK_HOSTS:
            raise ValueError(
                f"--dev has credentials that everybody knows: it is refused on {self.host}, "
                "use 127.0.0.1"
            )
        if not self.dev and (self.fault or self.queue < 100):
            raise ValueError("TALLYSTICK_FAULT and a TALLYSTICK_QUEUE below 100 need --dev")
        return self
