"""`serve`, `mock`, `proxy` and `worker`: commands that run until you stop them."""

from __future__ import annotations

import gc
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tallystick.cli.command import Command
from tallystick.cli.options import (
    allow_remote,
    contract_keys,
    contract_server,
    contracts,
    cors_origins,
    create_settings,
    database,
    fail,
    file_option,
    handlers,
    host,
    made_tls,
    option_with_default,
    own_port,
    port,
    read_settings,
    switch,
    tls,
)
from tallystick.cli.output import drop_output

if TYPE_CHECKING:
    from tallystick.mock.mock import Mock
    from tallystick.mock.settings import MockSettings
    from tallystick.settings import Settings


@click.command(cls=Command)
@host
@port
@tls
@database
@option_with_default(
    "--workers", 1, metavar="N", help="Processes on the port; with PostgreSQL alone."
)
@switch("--dev", help="Seed a world with known keys.")
@switch("--connexion", help="Serve by unmodified Connexion.")
@switch("--stock", "connexion", hidden=True)
@cors_origins
@contracts
@contract_keys
@handlers
@contract_server
def serve(**given: object) -> None:
    """Serve the APIs.

    Examples:

      tallystick serve --dev
      tallystick serve --host 0.0.0.0 --database sqlite:////var/lib/tallystick.db
      tallystick serve --workers 4 --database postgresql://tallystick@db/events
      tallystick serve --contract crm.yaml --key apiKey=secret

    Without --dev you create the credentials yourself, by `tallystick keys create`.
    You can set every option by an environment variable as well, such as TALLYSTICK_PORT.
    """
    _begin_start()
    _run(read_settings(**given))


@click.command(cls=Command)
@host
@port
@made_tls
@click.option("--seed", metavar="N", help="Make ids, times and tokens repeat.")
@file_option("--world", help="YAML file with the world at start.")
@cors_origins
@switch("--strict", help="Refuse answers from outside the contract.")
@allow_remote
@contracts
@contract_keys
@handlers
@contract_server
def mock(**given: object) -> None:
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

    settings = create_settings(MockSettings, {**given, **ALWAYS})
    if settings.world and settings.contracts:
        settings = _with_credentials(settings, settings.world)
    from tallystick.mock.mock import Mock

    _run(settings, Mock(settings))


@click.command(cls=Command)
@click.option("--upstream", required=True, metavar="URL", help="Base URL of the real server.")
@file_option("--ca", help="PEM file with further CAs to trust as the upstream's.")
@file_option("--client-cert", help="PEM file with certificate and key for the upstream.")
@click.option("--insecure", is_flag=True, help="Trust whatever answers as the upstream.")
@click.option("--strict", is_flag=True, help="Answer a violation by a 502 with the reason.")
@file_option("--record", help="Write what passes as a world, for `mock --world`.")
@host
@port
@made_tls
@allow_remote
@contracts
@contract_server
def proxy(
    upstream: str,
    ca: Path | None,
    client_cert: Path | None,
    insecure: bool,
    strict: bool,
    record: Path | None,
    **given: object,
) -> None:
    """Pass calls on to a real server, and check both directions against the contracts.

    Examples:

      tallystick proxy --upstream https://api.example.com
      tallystick proxy --contract crm.yaml --upstream https://staging.example.com
      tallystick proxy --upstream https://api.example.com --record world.yaml

    You see violations in the answer's header Tallystick-Violations, and at /mock.
    """
    from tallystick.setting_types import is_base_url

    if not is_base_url(upstream):
        fail("--upstream must be a URL such as https://api.example.com")
    _begin_start()
    from tallystick.mock.settings import ALWAYS, PASSED, MockSettings

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


@click.command(cls=Command)
@database
@host
@own_port
def worker(database: str | None, host: str | None, port: str | None) -> None:
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
        fail(str(error), error.exit_code)


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
        fail(str(error), error.exit_code)
    finally:
        # Lines of the access log that a full disk had no room for: the service is well without.
        drop_output()
