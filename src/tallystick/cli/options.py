"""Options, defaults and failures shared by several commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from tallystick import defaults
from tallystick.cli.environment import WrongSettings, find_misspelt, read_environment
from tallystick.collector import without_collector

if TYPE_CHECKING:
    from rich.progress import Progress

    from tallystick.settings import Settings

    Kind = TypeVar("Kind", bound=Settings)

COULD_NOT_RUN = 2
"""The exit code of a command that did nothing."""

Host = Annotated[str | None, typer.Option(help="Address to listen on.", show_default=defaults.HOST)]
Port = Annotated[
    int | None,
    typer.Option(help="Port; 0 takes any free one.", show_default=str(defaults.PORT)),
]
AllowRemote = Annotated[
    bool, typer.Option("--allow-remote", help="Let other machines reach this one.")
]
Database = Annotated[
    str | None,
    typer.Option(metavar="URL", help="URL of the database.", show_default=defaults.DATABASE),
]

Workers = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Processes on the port; with PostgreSQL alone.", show_default="1"
    ),
]

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

Tls = Annotated[bool, typer.Option("--tls", help="Speak TLS.")]
TlsCert = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="PEM file with the certificate; it turns TLS on."),
]
TlsKey = Annotated[
    Path | None, typer.Option(metavar="FILE", help="PEM file with the certificate's key.")
]
TlsClientCa = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="PEM file with the CAs of callers, who need a certificate."),
]
TlsNames = Annotated[
    list[str] | None,
    typer.Option(
        "--tls-name", metavar="NAME", help="Name or address for the certificate made; repeatable."
    ),
]
TlsCa = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where to write the CA made, in PEM.")
]

Contracts = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE|FOLDER|URL",
        help="OpenAPI document to serve instead of the five APIs; repeatable.",
    ),
]
WithApis = Annotated[
    list[str] | None,
    typer.Option("--with", metavar="API", help="API of the five to serve beside; repeatable."),
]
ContractKeys = Annotated[
    list[str] | None,
    typer.Option(metavar="SCHEME=VALUE", help="Credential of a contract's scheme; repeatable."),
]
CorsOrigins = Annotated[
    list[str] | None, typer.Option(help="Origin of browser calls to allow; repeatable.")
]
GatewayPrefix = Annotated[
    str | None,
    typer.Option(metavar="PATH", help="Where the service's own calls are: /gateway/v1."),
]
Watch = Annotated[bool, typer.Option("--watch", help="Read a contract again when it changes.")]
Handlers = Annotated[
    str | None,
    typer.Option(metavar="PACKAGE", help="Python package with handlers of a contract."),
]


def contract_settings(
    contracts: Sequence[str] | None,
    apis: Sequence[str] | None,
    keys: Sequence[str] | None = None,
    handlers: str | None = None,
    prefix: str | None = None,
    watch: bool = False,
) -> dict[str, object]:
    """Return the settings of one's own contracts, None for those not given."""
    if (apis or keys or handlers or prefix or watch) and not contracts:
        fail("--with, --key, --handlers, --gateway-prefix and --watch go with --contract")
    for key in keys or ():
        if not all(key.partition("=")):
            fail(f"--key is SCHEME=VALUE, such as apiKey=secret; {key.partition('=')[0]} has none")
    lists = {"contracts": contracts, "apis": apis, "contract_keys": keys}
    return {
        **{name: tuple(given) if given else None for name, given in lists.items()},
        "handlers": handlers,
        "gateway_prefix": prefix,
        "watch": watch or None,
    }


def tls_settings(
    tls: bool,
    cert: Path | None,
    key: Path | None,
    client_ca: Path | None,
    names: Sequence[str] | None = None,
    ca: Path | None = None,
) -> dict[str, object]:
    """Return the settings of TLS, None for those not given."""
    given = {"tls": tls or None, "tls_cert": cert, "tls_key": key, "tls_client_ca": client_ca}
    return {**given, "tls_names": tuple(names) if names else None, "tls_ca": ca}


def read_settings(**given: object) -> Settings:
    """Return the environment's settings, overridden by the options that are not None."""
    with without_collector():
        from tallystick.settings import Settings

    return create_settings(Settings, given)


def create_settings(
    kind: type[Kind], given: Mapping[str, object], *, with_file: bool = True
) -> Kind:
    """Return settings of the class `kind`; end the command if one of them is invalid."""
    options = {name: value for name, value in given.items() if value is not None}
    try:
        settings = read_environment(kind, options, with_file=with_file)
    except WrongSettings as error:
        fail(str(error))
    for warning in find_misspelt(os.environ):
        print(f"tallystick: warning: {warning}", file=sys.stderr)
    return settings


def complete_api(incomplete: str) -> list[str]:
    """Return the APIs with a name beginning with the text, for the shell's completion."""
    return [api for api in list_apis() if api.startswith(incomplete)]


def list_apis() -> list[str]:
    """Return the name of every API with a contract, sorted."""
    from importlib.resources import files

    names = (file.name for file in files("tallystick.openapi").iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def fail(message: str) -> NoReturn:
    """Print the reason and end the command with exit code 2."""
    print(f"tallystick: {message}", file=sys.stderr)
    raise typer.Exit(COULD_NOT_RUN)


def progress_bar() -> Progress:
    """Return a bar for long work: on a terminal, on standard error, gone when it is done."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
