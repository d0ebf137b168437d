"""Options, defaults and failures shared by several commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

import click
from click.exceptions import Exit

from tallystick import defaults
from tallystick.cli.environment import WrongSettings, find_misspelt, read_environment
from tallystick.cli.plain_text import printable_lines
from tallystick.collector import without_collector

if TYPE_CHECKING:
    from click.types import OptionHelpExtra
    from rich.progress import Progress

    from tallystick.settings import Settings

    Kind = TypeVar("Kind", bound=Settings)

COULD_NOT_RUN = 2
"""The exit code of a command that did nothing."""

Function = TypeVar("Function", bound=Callable[..., object])


class Decorator(Protocol):
    """Adds one option to a command, or several."""

    def __call__(self, command: Function, /) -> Function:
        """Return the command with them."""
        ...


def together(*options: Decorator) -> Decorator:
    """Return several options as one."""

    def decorate(command: Function) -> Function:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def switch(option: str, *names: str, **attributes: Any) -> Decorator:
    """Return an option without a value, for a setting: None says that it is not given."""
    return click.option(option, *names, is_flag=True, default=None, **attributes)


def repeatable(option: str, name: str, **attributes: Any) -> Decorator:
    """Return an option to be given several times, for a setting: None says that it is not given."""
    return click.option(option, name, multiple=True, callback=_none_if_empty, **attributes)


def _none_if_empty(_ctx: object, _option: object, values: tuple[str, ...]) -> object:
    return values or None


class _OptionWithDefault(click.Option):
    """An option with its default in the help as it is, without click's brackets."""

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """Return what stands behind the help."""
        return {**super().get_help_extra(ctx), "default": str(self.show_default)}


def option_with_default(option: str, default: object, **attributes: Any) -> Decorator:
    """Return an option for a setting, with the setting's default in its help."""
    return click.option(option, cls=_OptionWithDefault, show_default=str(default), **attributes)


def file_option(option: str, **attributes: Any) -> Decorator:
    """Return an option with a path, which need not be there."""
    return click.option(option, type=click.Path(path_type=Path), metavar="FILE", **attributes)


host = option_with_default("--host", defaults.HOST, help="Address to listen on.")
port = option_with_default("--port", defaults.PORT, metavar="N", help="Port; 0 takes any free one.")
own_port = click.option(
    "--port", metavar="N", help="Serve /healthz, /readyz and /metrics here; 0 takes any free port."
)
"""The port of a command that serves no API."""

allow_remote = switch("--allow-remote", help="Let other machines reach this one.")
database = option_with_default(
    "--database", defaults.DATABASE, metavar="URL", help="URL of the database."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
cors_origins = repeatable(
    "--cors-origin", "cors_origins", help="Origin of browser calls to allow; repeatable."
)

tls = together(
    switch("--tls", help="Speak TLS."),
    file_option("--tls-cert", help="PEM file with the certificate; it turns TLS on."),
    file_option("--tls-key", help="PEM file with the certificate's key."),
    file_option(
        "--tls-client-ca", help="PEM file with the CAs of callers, who need a certificate."
    ),
)
made_tls = together(
    tls,
    repeatable(
        "--tls-name",
        "tls_names",
        metavar="NAME",
        help="Name or address for the certificate made; repeatable.",
    ),
    file_option("--tls-ca", help="Where to write the CA made, in PEM."),
)
"""The options of TLS for a server that can make its certificate."""

contracts = together(
    repeatable(
        "--contract",
        "contracts",
        metavar="FILE|FOLDER|URL",
        help="OpenAPI document to serve instead of the five APIs; repeatable.",
    ),
    repeatable(
        "--with", "apis", metavar="API", help="API of the five to serve beside; repeatable."
    ),
)
contract_keys = repeatable(
    "--key",
    "contract_keys",
    metavar="SCHEME=VALUE",
    help="Credential of a contract's scheme; repeatable.",
)
handlers = click.option(
    "--handlers", metavar="PACKAGE", help="Python package with handlers of a contract."
)
contract_server = together(
    click.option(
        "--gateway-prefix",
        metavar="PATH",
        help="Where the service's own calls are: /gateway/v1.",
    ),
    switch("--watch", help="Read a contract again when it changes."),
)
"""How contracts of one's own are served."""


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
        say(f"warning: {warning}")
    return settings


def completing(list_names: Callable[[], Iterable[str]]) -> Callable[..., list[str]]:
    """Return the shell's completion by names, which are listed when it is asked for."""

    def complete(_ctx: object, _parameter: object, incomplete: str) -> list[str]:
        return [name for name in list_names() if name.startswith(incomplete)]

    return complete


def list_apis() -> list[str]:
    """Return the name of every API with a contract, sorted."""
    from importlib.resources import files

    names = (file.name for file in files("tallystick.openapi").iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def fail(message: str, exit_code: int = COULD_NOT_RUN) -> NoReturn:
    """Print the reason and end the command with the exit code."""
    say(message)
    raise Exit(exit_code)


def say(message: str) -> None:
    """Print the message on standard error, with no character that commands a terminal."""
    print(f"tallystick: {printable_lines(message)}", file=sys.stderr)


def progress_bar() -> Progress:
    """Return a bar for long work: on a terminal, on standard error, gone when it is done."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
