"""Every setting of the service, read from ``TALLYSTICK_*`` environment variables."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field, IPvAnyNetwork, SecretStr, field_validator, model_validator

from tallystick import defaults
from tallystick.pydantic_plugins import without_plugins

with without_plugins():  # it makes models of its own
    from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_LISTS = ("cors_origins", "delivery_networks", "contracts", "apis", "contract_keys", "tls_names")
"""Settings that are several values, separated by commas in the environment."""

FILE = "tallystick.env"
"""Settings are read from this file too, in the folder that a command is started in."""

_ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[^\s/?#@]+")

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


BrokerUrl = Annotated[str, Field(pattern=r"^amqps?://[^\s/?#@]+/?$")]


class KafkaConnection(BaseModel, extra="forbid", defer_build=True):
    """How to reach a Kafka; its members are those of the destination `kafka`."""

    servers: list[str] = Field(min_length=1, max_length=5)
    tls: bool = True
    user: str | None = None
    password: SecretStr | None = None
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"


class Settings(BaseSettings):
    """Hold the service's settings; a command-line option wins over its environment variable."""

    makes_certificates: ClassVar[bool] = False
    """Whether the server makes a certificate if none is given."""

    model_config = SettingsConfigDict(
        env_prefix="TALLYSTICK_",
        env_file=FILE,
        env_file_encoding="utf-8",
        extra="forbid",
        # What checks them is made when they are read: the mock's is not for every command.
        defer_build=True,
    )

    # An empty one would be every address of the machine.
    host: str = Field(defaults.HOST, min_length=1, description="Address to listen on.")
    port: int = Field(
        defaults.PORT, ge=0, le=65535, description="Port to listen on; 0 takes any free one."
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s/]+(/[^\s/]+)*)?$",
        description="Address at which people reach this server, such as `https://tally.example`. "
        "The links in alarms begin with it, and the URLs of received events with its scheme.",
    )
    tls: bool = Field(False, description="Speak TLS; a certificate by file turns it on as well.")
    tls_cert: Path | None = Field(
        None, description="PEM file with the certificate for TLS, then those between it and its CA."
    )
    tls_key: Path | None = Field(
        None, description="PEM file with its key; without one, it is in the certificate's file."
    )
    tls_client_ca: Path | None = Field(
        None,
        description="PEM file with the CAs of callers: each caller then needs a certificate.",
    )
    database: str = Field(
        defaults.DATABASE,
        description="URL of the database: `sqlite:///FILE`, `sqlite://` for memory, or "
        "`postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="Processes that serve the port together; more than one needs PostgreSQL.",
    )
    dev: bool = Field(False, description="Start with the seeded world and its fixed credentials.")
    connexion: bool = Field(False, description="Serve by unmodified Connexion, for comparison.")
    contracts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="OpenAPI documents to serve instead of the five APIs: files, folders or "
        "URLs, separated by commas.",
    )
    apis: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="APIs of the five to serve beside such documents, separated by commas."
    )
    contract_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        repr=False,
        description="Credentials that such documents' security schemes take, as `SCHEME=VALUE`, "
        "separated by commas.",
    )
    gateway_prefix: str = Field(
        "/gateway/v1",
        pattern=r"^(/[A-Za-z0-9._~-]+)+$",
        description="Path of the service's own calls, beside such documents.",
    )
    watch: bool = Field(False, description="Read such documents again when they change.")
    handlers: str = Field(
        "",
        description="Python package with Connexion handlers of such documents' operations, by "
        "operationId.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of browser calls to allow, separated by commas; `*` for all."
    )
    body_limit: int = Field(1_048_576, ge=1, description="Largest request body, in bytes.")
    head_limit: int = Field(
        163_840, ge=1_024, description="Largest request line with all headers, in bytes."
    )
    target_limit: int = Field(
        98_304, ge=1_024, description="Longest request target, path and query, in bytes."
    )
    connections: int = Field(
        0,
        ge=0,
        description="Connections open at a time; with 0, as many as the limit of open files allows "
        "beside deliveries and the database.",
    )
    queue: int = Field(
        10_000,
        ge=0,
        description="Events allowed to wait for the database; for one more you get a 503. "
        "Fewer than 100 need `--dev`.",
    )
    retention_days: int = Field(
        0, ge=0, le=1_000_000, description="Days to keep an event; 0 keeps it for ever."
    )
    retention_count: int = Field(
        0, ge=0, le=10**18, description="Number of newest events to keep; 0 keeps all."
    )
    access_log: bool = Field(True, description="Write one JSON line a request to standard output.")
    log_format: Literal["short", "text", "json"] = Field(
        "short",
        description="Form of the lines on standard error: `short` has level and message; `text` "
        "and `json` have time and the ids of request, trace and key too, as then has the access "
        "log.",
    )
    traces_url: str = Field(
        "",
        pattern=r"^(https?://[^\s/]+(/[^\s/]+)*/?)?$",
        description="Base URL of an OTLP collector, such as `http://127.0.0.1:4318`, to send "
        "traces to; it needs the extra `otel`.",
    )
    rate_limit: int = Field(
        0,
        ge=0,
        description="Requests a minute for one credential, and requests with a bad credential for "
        "one address; 0 lifts the limit.",
    )
    fault: Literal["", "store", "away"] = Field(
        "",
        description="Fault to simulate: `store` lets the store fail, for a 500, and `away` its "
        "database be away, for a 503. It needs `--dev`.",
    )
    delivery_in_flight: int = Field(256, ge=1, description="Deliveries of one process at a time.")
    delivery_per_endpoint: int = Field(
        64, ge=1, description="Deliveries of these to one scheme, host and port."
    )
    delivery_networks: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        (),
        description="Private networks to deliver to, such as `10.0.0.0/8`, separated by commas. "
        "`--dev` adds loopback.",
    )
    backlog_minutes: int = Field(
        60,
        ge=0,
        le=1_000_000,
        description="Minutes a delivery may wait before the service tells it as "
        "`tallystick.backlog.old`; 0 never tells it.",
    )
    smtp_host: str = Field("", description="Mail server for mails of the service.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="Encryption towards the mail server: `starttls` begins it on the connection, "
        "`tls` from the first byte, as on port 465.",
    )
    smtp_user: str = Field("", description="User of the mail server; without one, no login.")
    smtp_password: SecretStr | None = Field(None, description="Password of this user.")
    smtp_from: str = Field(
        "",
        description="Sender of mails, such as `Tallystick <alarms@example.com>`; a mail server "
        "needs it.",
    )
    smtp_default_recipient: str = Field(
        "",
        description="Recipients, separated by commas, of mails about eventhos' contracts without "
        "recipients of their own.",
    )
    smtp_alias: str = Field(
        "", description="Name of this installation in the subject of such mails, such as `PROD`."
    )
    keyastrom_unmatched: Literal["none", "environment"] = Field(
        "none",
        description="Target of an event if its selector matches zero entities: `none` for no "
        "target, `environment` for the environment entity.",
    )
    keyastrom_active_hours: int = Field(
        24,
        ge=0,
        le=1_000_000,
        description="Hours an entity stays selectable after it was last seen; 0 lifts the "
        "limit. A selector by ID always finds it.",
    )
    charon_longest_run: int = Field(
        86_400,
        ge=60,
        le=31_536_000,
        description="Seconds an execution of a cron without `maxRuntime` may take at most. The "
        "limit is shorter if the cron's last runs were.",
    )
    eventgrid_rabbitmq: Annotated[dict[str, BrokerUrl], NoDecode] = Field(
        {},
        description="Addresses of the RabbitMQ instances that sources of eventgrid name, as JSON: "
        '`{"INSTANCE_ID": "amqps://HOST:PORT"}`. Their queues are read with the extra `brokers`.',
    )
    eventgrid_kafka: Annotated[dict[str, KafkaConnection], NoDecode] = Field(
        {},
        description="Kafkas that targets and dead letter queues of eventgrid name by their "
        '`connection_id`, as JSON: `{"CONNECTION_ID": {"servers": ["HOST:PORT"]}}`, with `tls`, '
        "`user`, `password` and `mechanism` as for the destination `kafka`.",
    )
    eventhos_jwt_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="Key for signing eventhos tokens, 32 bytes or more. Without one, the first "
        "start makes a key and keeps it in the database, sealed if there is a key for secrets.",
    )
    eventhos_dialect: Literal["", "1.0.1"] = Field(
        "",
        description="Version of the vendor's eventhos server whose answers to give where they "
        "differ from its page: `1.0.1`, or none for the page's.",
    )
    eventhos_timeout: int = Field(
        70,
        ge=1,
        le=600,
        description="Seconds that an endpoint has to answer an eventhos action that names no "
        "`timeout` of its own.",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Key for encrypting stored secrets, 32 characters or more. Of several, "
        "separated by commas, the first encrypts and all decrypt. Without one, an SQLite "
        "database has its key in a file beside it.",
    )

    @field_validator("eventgrid_rabbitmq", "eventgrid_kafka", mode="before")
    @classmethod
    def _is_json(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        try:
            return json.loads(given)
        except (ValueError, RecursionError):
            raise ValueError("that is not JSON") from None

    @model_validator(mode="before")
    @classmethod
    def _split(cls, values: dict[str, object]) -> dict[str, object]:
        for name in _LISTS:
            given = values.get(name)
            if isinstance(given, str):
                values[name] = tuple(item.strip() for item in given.split(",") if item.strip())
        return values

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin} is no origin: write https://app.example, without a path, or *"
                )
        return origins

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys and any(len(key.strip()) < 32 for key in keys.get_secret_value().split(",")):
            raise ValueError("a key has 32 characters or more")
        return keys

    @model_validator(mode="after")
    def _certified(self) -> Settings:
        if self.tls_key and not self.tls_cert:
            raise ValueError("--tls-key goes with --tls-cert")
        if self.tls_client_ca and not self.speaks_tls:
            raise ValueError("--tls-client-ca goes with --tls")
        if self.tls and not self.tls_cert and not self.makes_certificates:
            raise ValueError("--tls needs a certificate: give --tls-cert, and --tls-key")
        return self

    @property
    def speaks_tls(self) -> bool:
        """Return whether the server speaks TLS."""
        return self.tls or self.tls_cert is not None

    @property
    def public_scheme(self) -> str:
        """Return the scheme by which people reach this server, ``http`` or ``https``."""
        served = "https" if self.speaks_tls else "http"
        return self.public_url.partition("://")[0] or served

    @property
    def console_url(self) -> str:
        """Return the address of the console, for links; a path alone without `public_url`."""
        return f"{self.public_url}/console"

    @model_validator(mode="after")
    def _own_by_connexion(self) -> Settings:
        if self.connexion and self.contracts:
            raise ValueError("--connexion serves Tallystick's own APIs: leave out --contract")
        return self

    # A mock's own rule takes the place of this one, by its name.
    @model_validator(mode="after")
    def _dev_only(self) -> Settings:
        if self.dev and self.host not in LOOPBACK_HOSTS:
            raise ValueError(
                f"--dev has public credentials: it is refused on {self.host}, use 127.0.0.1"
            )
        if not self.dev and (self.fault or self.queue < 100):
            raise ValueError("TALLYSTICK_FAULT and a TALLYSTICK_QUEUE below 100 need --dev")
        return self

    @model_validator(mode="after")
    def _sharing(self) -> Settings:
        if self.workers > 1 and self.database.startswith("sqlite:"):
            raise ValueError(
                f"{self.workers} workers need PostgreSQL: an SQLite database, a mock's too, "
                "belongs to one process; give --database postgresql://HOST/NAME, or one worker"
            )
        return self

    @model_validator(mode="after")
    def _with_sender(self) -> Settings:
        if self.smtp_host and not self.smtp_from:
            raise ValueError("TALLYSTICK_SMTP_HOST needs TALLYSTICK_SMTP_FROM")
        return self
