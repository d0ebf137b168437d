"""Every setting of the service, read from ``TALLYSTICK_*`` environment variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from click import STRING, Choice

from tallystick import defaults
from tallystick.setting_types import (
    A_FILE,
    A_HOST,
    BROKERS,
    CREDENTIALS,
    FLAG,
    KAFKAS,
    KEYS,
    NAMES,
    NETWORKS,
    ORIGINS,
    RECIPIENTS,
    SENDER,
    Network,
    base_url,
    matching,
    number,
    setting,
)

FILE = "tallystick.env"
"""Settings are read from this file too, in the folder that a command is started in."""

GATEWAY_PREFIX = "/gateway/v1"

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Settings:
    """Hold the service's settings; a command-line option wins over its environment variable."""

    makes_certificates: ClassVar[bool] = False
    """Whether the server makes a certificate if none is given."""

    # An empty one would be every address of the machine.
    host: str = setting(
        defaults.HOST, matching(".+", "give an address, such as 127.0.0.1"), "Address to listen on."
    )
    port: int = setting(defaults.PORT, number(0, 65535), "Port to listen on; 0 takes any free one.")
    public_url: str = setting(
        "",
        base_url("https://tally.example"),
        "Address at which people reach this server, such as `https://tally.example`. "
        "The links in alarms and those to next pages begin with it, and the URLs of received "
        "events with its scheme.",
    )
    tls: bool = setting(False, FLAG, "Speak TLS; a certificate by file turns it on as well.")
    tls_cert: Path | None = setting(
        None, A_FILE, "PEM file with the certificate for TLS, then those between it and its CA."
    )
    tls_key: Path | None = setting(
        None, A_FILE, "PEM file with its key; without one, it is in the certificate's file."
    )
    tls_client_ca: Path | None = setting(
        None, A_FILE, "PEM file with the CAs of callers: each caller then needs a certificate."
    )
    database: str = setting(
        defaults.DATABASE,
        STRING,
        "URL of the database: `sqlite:///FILE`, `sqlite://` for memory, or "
        "`postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    workers: int = setting(
        1,
        number(1, 64),
        "Processes that serve the port together; more than one needs PostgreSQL.",
    )
    dev: bool = setting(False, FLAG, "Start with the seeded world and its fixed credentials.")
    connexion: bool = setting(False, FLAG, "Serve by unmodified Connexion, for comparison.")
    contracts: tuple[str, ...] = setting(
        (),
        NAMES,
        "OpenAPI documents to serve instead of the five APIs: files, folders or "
        "URLs, separated by commas.",
    )
    apis: tuple[str, ...] = setting(
        (), NAMES, "APIs of the five to serve beside such documents, separated by commas."
    )
    contract_keys: tuple[str, ...] = setting(
        (),
        CREDENTIALS,
        "Credentials that such documents' security schemes take, as `SCHEME=VALUE`, "
        "separated by commas.",
        is_secret=True,
    )
    gateway_prefix: str = setting(
        GATEWAY_PREFIX,
        matching("(/[A-Za-z0-9._~-]+)+", "give a path such as /gateway/v1"),
        "Path of the service's own calls, beside such documents.",
    )
    watch: bool = setting(False, FLAG, "Read such documents again when they change.")
    handlers: str = setting(
        "",
        STRING,
        "Python package with Connexion handlers of such documents' operations, by operationId.",
    )
    cors_origins: tuple[str, ...] = setting(
        (), ORIGINS, "Origins of browser calls to allow, separated by commas; `*` for all."
    )
    body_limit: int = setting(1_048_576, number(1), "Largest request body, in bytes.")
    head_limit: int = setting(
        163_840, number(1_024), "Largest request line with all headers, in bytes."
    )
    target_limit: int = setting(
        98_304, number(1_024), "Longest request target, path and query, in bytes."
    )
    connections: int = setting(
        0,
        number(0),
        "Connections open at a time; with 0, as many as the limit of open files allows "
        "beside deliveries and the database.",
    )
    queue: int = setting(
        10_000,
        number(0),
        "Events allowed to wait for the database; for one more you get a 503. "
        "Fewer than 100 need `--dev`.",
    )
    retention_days: int = setting(
        0, number(0, 1_000_000), "Days to keep an event; 0 keeps it for ever."
    )
    retention_count: int = setting(
        0, number(0, 10**18), "Number of newest events to keep; 0 keeps all."
    )
    access_log: bool = setting(True, FLAG, "Write one JSON line a request to standard output.")
    log_format: Literal["short", "text", "json"] = setting(
        "short",
        Choice(["short", "text", "json"]),
        "Form of the lines on standard error: `short` has level and message; `text` "
        "and `json` have time and the ids of request, trace and key too, as then has the access "
        "log.",
    )
    traces_url: str = setting(
        "",
        base_url("http://127.0.0.1:4318"),
        "Base URL of an OTLP collector, such as `http://127.0.0.1:4318`, to send "
        "traces to; it needs the extra `otel`.",
    )
    rate_limit: int = setting(
        0,
        number(0),
        "Requests a minute for one credential, and requests with a bad credential for "
        "one address; 0 lifts the limit.",
    )
    fault: Literal["", "store", "away"] = setting(
        "",
        Choice(["", "store", "away"]),
        "Fault to simulate: `store` lets the store fail, for a 500, and `away` its "
        "database be away, for a 503. It needs `--dev`.",
    )
    delivery_in_flight: int = setting(256, number(1), "Deliveries of one process at a time.")
    delivery_per_endpoint: int = setting(
        64, number(1), "Deliveries of these to one scheme, host and port."
    )
    delivery_networks: tuple[Network, ...] = setting(
        (),
        NETWORKS,
        "Private networks to deliver to, such as `10.0.0.0/8`, separated by commas. "
        "`--dev` adds loopback.",
    )
    backlog_minutes: int = setting(
        60,
        number(0, 1_000_000),
        "Minutes a delivery may wait before the service tells it as "
        "`tallystick.backlog.old`; 0 never tells it.",
    )
    smtp_host: str = setting("", A_HOST, "Mail server for mails of the service.")
    smtp_port: int = setting(587, number(1, 65535), "Port of the mail server.")
    smtp_tls: Literal["starttls", "tls", "none"] = setting(
        "starttls",
        Choice(["starttls", "tls", "none"]),
        "Encryption towards the mail server: `starttls` begins it on the connection, "
        "`tls` from the first byte, as on port 465, and `none` sends in clear.",
    )
    smtp_user: str = setting("", STRING, "User of the mail server; without one, no login.")
    smtp_password: str | None = setting(None, STRING, "Password of this user.", is_secret=True)
    smtp_from: str = setting(
        "",
        SENDER,
        "Sender of mails, such as `Tallystick <alarms@example.com>`; a mail server needs it.",
    )
    smtp_default_recipient: str = setting(
        "",
        RECIPIENTS,
        "Recipients, separated by commas, of mails about eventhos' contracts without "
        "recipients of their own.",
    )
    smtp_alias: str = setting(
        "", STRING, "Name of this installation in the subject of such mails, such as `PROD`."
    )
    keyastrom_unmatched: Literal["none", "environment"] = setting(
        "none",
        Choice(["none", "environment"]),
        "Target of an event if its selector matches zero entities: `none` for no "
        "target, `environment` for the environment entity.",
    )
    keyastrom_active_hours: int = setting(
        24,
        number(0, 1_000_000),
        "Hours an entity stays selectable after it was last seen; 0 lifts the "
        "limit. A selector by ID always finds it.",
    )
    charon_longest_run: int = setting(
        86_400,
        number(60, 31_536_000),
        "Seconds an execution of a cron without `maxRuntime` may take at most. The "
        "limit is shorter if the cron's last runs were.",
    )
    eventgrid_rabbitmq: Mapping[str, str] = setting(
        {},
        BROKERS,
        "Addresses of the RabbitMQ instances that sources of eventgrid name, as JSON: "
        '`{"INSTANCE_ID": "amqps://HOST:PORT"}`. Their queues are read with the extra `brokers`.',
    )
    eventgrid_kafka: Mapping[str, Mapping[str, Any]] = setting(
        {},
        KAFKAS,
        "Kafkas that targets and dead letter queues of eventgrid name by their "
        '`connection_id`, as JSON: `{"CONNECTION_ID": {"servers": ["HOST:PORT"]}}`, with `tls`, '
        "`user`, `password` and `mechanism` as for the destination `kafka`.",
        is_secret=True,
    )
    eventhos_jwt_key: str | None = setting(
        None,
        matching(".{32,}", "a key has 32 characters or more"),
        "Key for signing eventhos tokens, 32 bytes or more. Without one, the first "
        "start makes a key and keeps it in the database, sealed if there is a key for secrets.",
        is_secret=True,
    )
    eventhos_dialect: Literal["", "1.0.1"] = setting(
        "",
        Choice(["", "1.0.1"]),
        "Version of the vendor's eventhos server whose answers to give where they "
        "differ from its page: `1.0.1`, or none for the page's.",
    )
    eventhos_timeout: int = setting(
        70,
        number(1, 600),
        "Seconds that an endpoint has to answer an eventhos action that names no "
        "`timeout` of its own.",
    )
    secret_key: str | None = setting(
        None,
        KEYS,
        "Key for encrypting stored secrets, 32 characters or more. Of several, "
        "separated by commas, the first encrypts and all decrypt. Without one, an SQLite "
        "database has its key in a file beside it.",
        is_secret=True,
    )

    def __post_init__(self) -> None:
        """Raise `ValueError` if the settings don't go together."""
        for reason in self._conflicts():
            raise ValueError(reason)

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

    def _conflicts(self) -> Iterator[str]:
        yield from self._conflicts_of_tls()
        yield from self._conflicts_of_exposure()
        of_contracts = (self.apis, self.contract_keys, self.handlers, self.watch)
        if not self.contracts and (any(of_contracts) or self.gateway_prefix != GATEWAY_PREFIX):
            yield "--with, --key, --handlers, --gateway-prefix and --watch go with --contract"
        if self.connexion and self.contracts:
            yield "--connexion serves Tallystick's own APIs: leave out --contract"
        if self.workers > 1 and self.database.startswith("sqlite:"):
            yield (
                f"{self.workers} workers need PostgreSQL: an SQLite database, a mock's too, "
                "belongs to one process; give --database postgresql://HOST/NAME, or one worker"
            )
        if self.smtp_host and not self.smtp_from:
            yield "TALLYSTICK_SMTP_HOST needs TALLYSTICK_SMTP_FROM"

    def _conflicts_of_tls(self) -> Iterator[str]:
        if self.tls_key and not self.tls_cert:
            yield "--tls-key goes with --tls-cert"
        if self.tls_client_ca and not self.speaks_tls:
            yield "--tls-client-ca goes with --tls"
        if self.tls and not self.tls_cert and not self.makes_certificates:
            yield "--tls needs a certificate: give --tls-cert, and --tls-key"

    def _conflicts_of_exposure(self) -> Iterator[str]:
        if self.dev and self.host not in LOOPBACK_HOSTS:
            yield f"--dev has public credentials: it is refused on {self.host}, use 127.0.0.1"
        if not self.dev and (self.fault or self.queue < 100):
            yield "TALLYSTICK_FAULT and a TALLYSTICK_QUEUE below 100 need --dev"
