"""`clients`: generates client packages in several languages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tallystick.cli.command import Command
from tallystick.cli.options import completing, fail, say

if TYPE_CHECKING:
    from tallystick.contract.document import Document


def _list_languages() -> list[str]:
    from tallystick import clients

    return clients.list_languages()


def _list_apis() -> list[str]:
    from tallystick import clients

    return clients.list_apis()


@click.command(cls=Command)
@click.argument(
    "language", shell_complete=completing(_list_languages), help="go, java, kotlin, php …"
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder of the new package.",
)
@click.option(
    "--api", shell_complete=completing(_list_apis), help="event_store, eventhos, charon …"
)
@click.option("--contract", metavar="FILE|URL", help="OpenAPI document of an API of your own.")
@click.option(
    "--name", default="", help="Name to publish it by: example.com/acme/events, @acme/events …"
)
@click.option(
    "--package-version", default="", metavar="VERSION", help="Version of the package: 1.0.0 …"
)
@click.option("--license", "license_", default="", metavar="SPDX", help="Apache-2.0, MIT …")
def write_clients(
    language: str,
    out: Path,
    api: str | None,
    contract: str | None,
    name: str,
    package_version: str,
    license_: str,
) -> None:
    """Write a client of one API as a package with its README, ready to build.

    Examples:

      tallystick clients python --api event_store --out event-store-client
      tallystick clients python --contract crm.yaml --out crm-client

    You need Java, and the extra: pip install 'tallystick[clients]'. See
    https://tallystick.github.io/tallystick/clients.html
    """
    from tallystick import clients

    _refuse_unknown(language, clients.list_languages())
    document = _read_document(api, contract)
    try:
        package = clients.ClientPackage(language, document, out, name, package_version, license_)
        clients.generate_packages([package])
    except clients.CannotGenerate as error:
        fail(str(error))


def _refuse_unknown(given: str, known: list[str]) -> None:
    if given not in known:
        fail(f"there is no client for {given}: choose one of {', '.join(known)}")


def _read_document(api: str | None, contract: str | None) -> Document:
    """Return the one contract that is asked for."""
    from tallystick import clients

    if (api is None) == (contract is None):
        fail("give either --api or --contract")
    if api is None:
        return _read_own(str(contract))
    _refuse_unknown(api, clients.list_apis())
    return clients.read_document(api)


def _read_own(place: str) -> Document:
    """Return a contract of one's own; tell of everything that is left out."""
    from tallystick import clients
    from tallystick.contract.document import ContractError

    try:
        found = clients.read_contract(place)
    except ContractError as error:
        fail(str(error))
    for told in found.omissions:
        say(told)
    return found.document
