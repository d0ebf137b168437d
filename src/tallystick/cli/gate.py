"""`verify` and `diff`: gate a build by the contracts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from click.exceptions import Exit

from tallystick import defaults
from tallystick.cli.command import Command
from tallystick.cli.options import (
    completing,
    fail,
    file_option,
    list_apis,
    option_with_default,
)
from tallystick.setting_types import number

_THERE = click.Path(exists=True, path_type=Path)


def _list_budgets() -> Iterable[str]:
    from tallystick.gate.configuration import Budget

    return Budget


@click.command(cls=Command)
@click.argument(
    "url", required=False, help="The server's base URL, or else that of tallystick.toml."
)
@click.option(
    "--api",
    multiple=True,
    show_default="all but gateway",
    shell_complete=completing(list_apis),
    help="API to judge; repeatable.",
)
@click.option(
    "--contract",
    multiple=True,
    metavar="FILE|FOLDER|URL",
    help="OpenAPI document to judge by instead; repeatable.",
)
@option_with_default(
    "--budget",
    defaults.BUDGET,
    shell_complete=completing(_list_budgets),
    help="quick, normal or thorough: 30 s, 3 or 15 min an API.",
)
@click.option("--safe", is_flag=True, help="Make reading calls only.")
@click.option(
    "--only", metavar="page", help="Judge by the vendor's page alone, without our rulings."
)
@click.option(
    "--suite", multiple=True, metavar="NAME", help="Suite, such as vector or fuzz; repeatable."
)
@click.option(
    "--check",
    multiple=True,
    metavar="PATTERN",
    help="Check by its name in the reports, * is any text; repeatable.",
)
@option_with_default(
    "--seed",
    defaults.SEED,
    type=number(0),
    metavar="N",
    help="Another seed gives other requests.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="KIND=FILE",
    help="Report: junit, html or sarif; repeatable.",
)
@click.option(
    "--credential",
    "credentials",
    multiple=True,
    metavar="API.NAME=SECRET",
    help="Credential, such as event_store.key; repeatable.",
)
@click.option(
    "--known",
    multiple=True,
    metavar="API.NAME=ID",
    help="Known id, such as eventhos.event; repeatable.",
)
@file_option("--baseline", help="File of patterns of known failures.")
def verify(**given: Any) -> None:
    """Check any server against the contracts.

    The exit code is 0 if it conforms, 1 if it does not, 2 if the check could not be made.

    Examples:

      tallystick verify http://127.0.0.1:9000 --report html=report.html
      tallystick verify https://staging.example.com --api event_store --safe

    Set secrets as environment variables such as TALLYSTICK_CONTRACT_EVENT_STORE_KEY. If you set
    none, a server on this machine gets those of the dev world. See
    https://tallystick.github.io/tallystick/verify.html
    """
    from tallystick.gate import command as gate

    try:
        code = gate.verify(**given)
    except gate.CannotRun as error:
        fail(str(error))
    raise Exit(code)


@click.command(cls=Command)
@click.argument("old", type=_THERE, help="The old document, or a folder of them.")
@click.argument("new", type=_THERE, help="The new document, or its folder.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="KIND=FILE",
    help="Report: markdown, junit, sarif or github; repeatable.",
)
@file_option("--baseline", help="File of patterns of known breaking changes.")
@click.option(
    "--rules",
    default="own",
    show_default=True,
    help="own, or redocly for those of an installed Redocly.",
)
@click.option(
    "--fail-on",
    default="breaking",
    show_default=True,
    help="Fail from this level on: breaking, warning, any or none.",
)
def diff(**given: Any) -> None:
    """Compare two contracts: exit code 0 if compatible, 1 if breaking, 2 if the command failed.

    Example:

      tallystick diff main/event_store.yaml openapi/event_store.yaml

    If an error code is renamed, moved or removed, it breaks clients as a removed field does.
    """
    from tallystick.gate import command as gate

    try:
        code = gate.diff(**given)
    except gate.CannotRun as error:
        fail(str(error))
    raise Exit(code)
