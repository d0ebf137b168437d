"""`credentials`: lists those of the dev world."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

import click

from tallystick import defaults
from tallystick.cli.command import Command
from tallystick.cli.options import (
    as_json,
    contract_keys,
    contracts,
    fail,
    read_settings,
)

if TYPE_CHECKING:
    from tallystick.apis.service_context import Sample
    from tallystick.settings import Settings

_FIXED = {
    "host": defaults.HOST,
    "database": "sqlite://",
    "dev": True,
    "access_log": False,
    "traces_url": "",
}


@click.command(cls=Command)
@click.option(
    "--url",
    metavar="URL",
    default=f"http://{defaults.HOST}:{defaults.PORT}",
    show_default=True,
    help="Base URL of the server, for the commands.",
)
@contracts
@contract_keys
@as_json
def list_credentials(url: str, as_json: bool, **given: object) -> None:
    """List the credentials of `mock` and `serve --dev`, each in a command to paste.

    Examples:

      tallystick credentials
      tallystick credentials --url http://127.0.0.1:9000 | grep -A1 charon

    With --json you get an array of objects {api, title, command}.
    """
    settings = read_settings(**_FIXED, **given)
    import asyncio

    from tallystick.contract.document import ContractError
    from tallystick.contract.exceptions import Problem

    try:
        samples = asyncio.run(_list_samples(settings, url.rstrip("/")))
    except (ContractError, Problem) as error:
        fail(str(error))
    if as_json:
        shown = [{"api": api, "title": s.title, "command": s.curl} for api, s in samples]
        print(dumps(shown))
    else:
        print("\n\n".join(f"{api}: {s.title}\n  {s.curl}" for api, s in samples))


async def _list_samples(settings: Settings, url: str) -> list[tuple[str, Sample]]:
    """The credentials of a dev world of its own, which is the same in every process."""
    from tallystick.runtime import ServerRuntime

    runtime = ServerRuntime(settings)
    async with runtime.opened():
        return runtime.samples(url)
