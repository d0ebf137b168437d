"""`clients`: generates client packages in five languages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tallystick.cli.options import fail


def _complete_language(incomplete: str) -> list[str]:
    from tallystick import clients

    return [language for language in clients.list_languages() if language.startswith(incomplete)]


def _complete_api(incomplete: str) -> list[str]:
    from tallystick import clients

    return [api for api in clients.list_apis() if api.startswith(incomplete)]


def write_clients(
    language: Annotated[
        str,
        typer.Argument(
            help="go, java, python, rust or typescript.", autocompletion=_complete_language
        ),
    ],
    api: Annotated[
        str,
        typer.Option(help="event_store, eventhos, charon …", autocompletion=_complete_api),
    ],
    out: Annotated[
        Path, typer.Option(metavar="DIR", file_okay=False, help="Folder of the new package.")
    ],
) -> None:
    r"""Write a client of one API as a package with its README, ready to build.

    Example: tallystick clients python --api event_store --out event_store_client

    You need Java, and the extra: pip install 'tallystick\[clients]'. See docs/clients.md.
    """
    from tallystick import clients

    for given, known in ((language, clients.list_languages()), (api, clients.list_apis())):
        if given not in known:
            fail(f"there is no client for {given}: choose one of {', '.join(known)}")
    try:
        clients.generate_packages([clients.ClientPackage(language, api, out)])
    except (clients.CannotGenerate, OSError) as error:
        fail(str(error))
