"""`check`: what a start would find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from tallystick.cli.options import Database, explain_settings

if TYPE_CHECKING:
    from tallystick.settings import Settings
    from tallystick.store.inspection import Finding

WRONG = 1
"""The exit code where a start would fail, or come up with something unusable."""


def check(database: Database = None) -> None:
    """Check a start of `tallystick serve` beforehand: 0 all is well, 1 something is wrong.

    Example: tallystick check --database sqlite:////var/lib/tallystick/events.db

    It looks at the settings, the database, its tables, its secrets and the port, and prints a line
    for each. All of them stay as they are.
    """
    is_wrong = False
    for level, words in _find(database):
        print(f"{level:<6} {words}", flush=True)
        is_wrong = is_wrong or level == "wrong"
    raise typer.Exit(WRONG if is_wrong else 0)


def _find(database: str | None) -> Iterator[Finding]:
    from pydantic import ValidationError

    from tallystick.settings import Settings
    from tallystick.store.inspection import Finding, Level, inspect_database

    given: dict[str, object] = {} if database is None else {"database": database}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        yield from (Finding(Level.WRONG, line) for line in explain_settings(error))
        return
    yield Finding(Level.OK, "the settings are valid")
    yield from inspect_database(settings)
    yield _inspect_port(settings)


def _inspect_port(settings: Settings) -> Finding:
    from tallystick.server import CannotStart, listen
    from tallystick.store.inspection import Finding, Level

    try:
        listen(settings.host, settings.port).close()
    except CannotStart as error:
        return Finding(Level.WRONG, str(error))
    return Finding(Level.OK, f"port {settings.port} of {settings.host} is free")
