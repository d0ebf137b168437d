"""`serve`, `mock`, `proxy` and `worker`: commands that run until you stop them."""

from __future__ import annotations

import gc
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallystick.cli.options import (
    AllowRemote,
    ContractKeys,
    Contracts,
    CorsOrigins,
    Database,
    GatewayPrefix,
    Handlers,
    Host,
    Port,
    Tls,
    TlsCa,
    TlsCert,
    TlsClientCa,
    TlsKey,
    TlsNames,
    Watch,
    WithApis,
    Workers,
    contract_settings,
    create_settings,
    fail,
    read_settings,
    tls_settings,
)
from tallystick.cli.output import drop_output

if TYPE_CHECKING:
    from tallystick.mock.mock import Mock
    from tallystick.mock.settings import MockSettings
    from tallystick.settings import Settings


def serve(
    host: Host = None,
    port: Port = None,
    tls: Tls = False,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_client_ca: TlsClientCa = None,
    database: Database = None,
    workers: Workers = None,
    dev: Annotated[bool, typer.Option("--dev", help="Seed a world with known keys.")] = False,
    connexion: Annotated[
        bool, typer.Option("--connexion", help="Serve by unmodified Connexion.")
    ] = False,
    stock: Annotated[bool, typer.Option("--stock", hidden=True)] = False,
    cors_origin: CorsOrigins = None,
    contract: Contracts = None,
    with_api: WithApis = None,
    key: ContractKeys = None,
    handlers: Handlers = None,
    gateway_prefix: GatewayPrefix = None,
    watch: Watch = False,
) -> None:
    """Serve the APIs.

    Examples:

      tallystick serve --dev

      tallystick serve --host 0.0.0.0 --database sqlite:////var/lib/tallystick/tallystick.db

      tallystick serve --workers 4 --database postgresql://tallystick@db/tallystick

      tallystick serve --contract crm.yaml --key apiKey=secret

    Without --dev you create the credentials yourself, by `tallystick keys create`.
    You can set every option by an environment variable as well, such as TALLYSTICK_PORT.
    """
    _begin_start()
    given = {
        "host": host,
        "port": port,
        "database": database,
        "workers": workers,
        "dev": dev or None,
        "connexion": connexion or stock or None,
        "cors_origins": tuple(cors_origin) if cors_origin else None,
        **tls_settings(tls, tls_cert, tls_key, tls_client_ca),
        **contract_settings(contract, with_api, key, handlers, gateway_prefix, watch),
    }
    _run(read_settings(**given))


def mock(
    host: Host = None,
    port: Port = None,
    tls: Tls = False,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_client_ca: TlsClientCa = None,
    tls_name: TlsNames = None,
    tls_ca: TlsCa = None,
    seed: Annotated[int | None, typer.Option(help="Make ids, times and tokens repeat.")] = None,
    world: Annotated[
        Path | None, typer.Option(metavar="FILE", help="YAML file with the world at start.")
    ] = None,
    cors_origin: CorsOrigins = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse answers from outside the contract.")
    ] = False,
    allow_remote: AllowRemote = False,
    contract: Contracts = None,
    with_api: WithApis = None,
    key: ContractKeys = None,
    handlers: Handlers = None,
    gateway_prefix: GatewayPrefix = None,
    watch: Watch = False,
) -> None:
    """Serve the APIs from memory, under your control: rules, faults, journal, clock, reset.

    Examples:

      tallystick mock

      tallystick mock --port 0 --seed 1

      tallystick mock --contract crm.yaml

    You see the requests at /mock. Pages of localhost may call it from a browser (CORS), those of
    other origins by --cors-origin.
    """
    _begin_start()
    from tallystick.mock.settings import ALWAYS, MockSettings

    given = {
        "host": host,
        "port": port,
        "seed": seed,
        "world": world,
        "strict": strict or None,
        "cors_origins": tuple(cors_origin) if cors_origin else None,
        "allow_remote": allow_remote or None,
        **tls_settings(tls, tls_cert, tls_key, tls_client_ca, tls_name, tls_ca),
        **contract_settings(contract, with_api, key, handlers, gateway_prefix, watch),
    }
    settings = create_settings(MockSettings, {**given, **ALWAYS})
    if settings.world and settings.contracts:
        settings = _with_credentials(settings, settings.world)
    from tallystick.mock.mock import Mock

    _run(settings, Mock(settings))


def proxy(
    upstream: Annotated[str, typer.Option(metavar="URL", help="Base URL of the real server.")],
    ca: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="PEM file with further CAs to trust as the upstream's."),
    ] = None,
    client_cert: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="PEM file with certificate and key for the upstream."),
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Trust whatever answers as the upstream.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Answer a violation by a 502 with the reason.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what passes as a world, for `mock --world`."),
    ] = None,
    host: Host = None,
    port: Port = None,
    tls: Tls = False,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_client_ca: TlsClientCa = None,
    tls_name: TlsNames = None,
    tls_ca: TlsCa = None,
    allow_remote: AllowRemote = False,
    contract: Contracts = None,
    with_api: WithApis = None,
    gateway_prefix: GatewayPrefix = None,
    watch: Watch = False,
) -> None:
    """Pass calls on to a real server, and check both directions against the contracts.

    Examples:

      tallystick proxy --upstream https://api.example.com

      tallystick proxy --contract crm.yaml --upstream https://staging.example.com

      tallystick proxy --upstream https://api.example.com --record world.yaml

    You see violations in the answer's header Tallystick-Violations, and at /mock.
    """
    if not re.match("https?://[^/?#]", upstream):
        fail("--upstream must be a URL such as https://api.example.com")
    _begin_start()
    from tallystick.mock.settings import ALWAYS, PASSED, MockSettings

    given = {
        "host": host,
        "port": port,
        "allow_remote": allow_remote or None,
        **tls_settings(tls, tls_cert, tls_key, tls_client_ca, tls_name, tls_ca),
        **contract_settings(contract, with_api, prefix=gateway_prefix, watch=watch),
    }
    settings = create_settings(MockSettings, {**given, **ALWAYS, "body_limit": PASSED})
    from tallystick.contract.exceptions import Problem
    from tallystick.mock.proxy import Proxy
    from tallystick.mock.upstream_tls import create_upstream_context
    from tallystick.tls_context import BadCertificate

    try:
        context = create_upstream_context(ca, client_cert, insecure=insecure)
        proxy = Proxy(settings, upstream, context, strict=strict, record=record)
    except (Problem, BadCertificate) as error:
        fail(str(error))
    if insecure:
        print("WARNING --insecure: anybody may answer as the upstream", file=sys.stderr)
    _run(settings, proxy)


def worker(
    database: Database = None,
    host: Host = None,
    port: Annotated[
        int | None,
        typer.Option(help="Serve /healthz, /readyz and /metrics here; 0 takes any free port."),
    ] = None,
) -> None:
    """Deliver events for the servers on the same PostgreSQL, without serving the APIs.

    Examples:

      tallystick worker --database postgresql://tallystick@db/tallystick

      tallystick worker --host 0.0.0.0 --port 9090

    Servers deliver as well; the workers beside them share the work. A worker listens with --port
    alone, whatever TALLYSTICK_PORT says, and without TLS.
    """
    settings = read_settings(database=database, host=host, port=port)
    from tallystick import server

    try:
        server.run_worker(settings, listens=port is not None)
    except server.CannotStart as error:
        fail(str(error))


def _with_credentials(settings: MockSettings, world: Path) -> MockSettings:
    """The settings with the credentials that the world names."""
    from tallystick.mock.world import BadWorld, read_credentials

    try:
        keys = (*settings.contract_keys, *read_credentials(world))
    except BadWorld as error:
        fail(str(error))
    return replace(settings, contract_keys=keys)


def _begin_start() -> None:
    # Nearly all that is made until the server has started stays: collecting garbage is in vain.
    # The server turns the collector on when it listens.
    gc.disable()
    from tallystick.contract.connexion_import import import_connexion

    import_connexion()


def _run(settings: Settings, mock: Mock | None = None) -> None:
    from tallystick import server

    try:
        server.run_server(settings, mock)
    except server.CannotStart as error:
        fail(str(error))
    finally:
        # Lines of the access log that a full disk had no room for: the service is well without.
        drop_output()
