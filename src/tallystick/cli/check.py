"""`check`: inspects everything a start needs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from json import dumps
from typing import TYPE_CHECKING

import click
from click.exceptions import Exit

from tallystick.cli.command import Command
from tallystick.cli.environment import WrongSettings, find_misspelt, read_environment
from tallystick.cli.options import as_json, database
from tallystick.cli.plain_text import printable

if TYPE_CHECKING:
    from tallystick.settings import Settings
    from tallystick.store.inspection import Finding

WRONG = 1
"""The exit code if a start would fail, or would serve something unusable."""


@click.command(cls=Command)
@database
@as_json
def check(database: str | None, as_json: bool) -> None:
    """Check whether `tallystick serve` can start: exit code 0 if all is well, 1 if not.

    Example:

      tallystick check --database sqlite:////var/lib/tallystick/tallystick.db

    You get a line each for the settings, the database, its tables, its secrets and the port, and
    for contracts, TLS and traces where they are set. Nothing is changed. With --json each line is
    an object {level, words}.
    """
    is_wrong = False
    for level, words in _find(database):
        shown = f"{level:<6} {printable(words)}"
        print(dumps({"level": level, "words": words}) if as_json else shown, flush=True)
        is_wrong = is_wrong or level == "wrong"
    raise Exit(WRONG if is_wrong else 0)


def _find(database: str | None) -> Iterator[Finding]:
    from tallystick.settings import Settings
    from tallystick.store.inspection import Finding, Level, inspect_database

    given: dict[str, object] = {} if database is None else {"database": database}
    try:
        settings = read_environment(Settings, given)
    except WrongSettings as error:
        yield from (Finding(Level.WRONG, line) for line in error.lines)
        return
    yield Finding(Level.OK, "the settings are valid")
    yield from (Finding(Level.NOTE, line) for line in find_misspelt(os.environ))
    yield from inspect_database(settings)
    yield from _inspect_parts(settings)
    yield _inspect_port(settings)


def _inspect_parts(settings: Settings) -> Iterator[Finding]:
    """Yield findings on the parts that only some settings ask for."""
    if settings.contracts:
        yield _inspect_contracts(settings)
    if settings.tls_cert:
        yield _inspect_tls(settings)
    if settings.traces_url:
        yield _inspect_traces(settings)


def _inspect_contracts(settings: Settings) -> Finding:
    from tallystick.contract.document import ContractError
    from tallystick.served_documents import served_documents
    from tallystick.store.inspection import Finding, Level

    try:
        served = served_documents(settings).documents
    except ContractError as error:
        return Finding(Level.WRONG, str(error))
    own = ", ".join(document.api for document in served if document.is_foreign)
    return Finding(Level.OK, f"the contracts can be served: {own}")


def _inspect_tls(settings: Settings) -> Finding:
    from tallystick.store.inspection import Finding, Level
    from tallystick.tls_context import BadCertificate, read_tls

    try:
        served = read_tls(settings)
    except BadCertificate as error:
        return Finding(Level.WRONG, str(error))
    if served.lines:
        return Finding(Level.WRONG, ", ".join(served.lines))
    return Finding(Level.OK, f"the certificate {settings.tls_cert} can be used")


def _inspect_traces(settings: Settings) -> Finding:
    from tallystick.store.inspection import Finding, Level

    try:
        import tallystick.tracing  # noqa: F401  # it needs the extra
    except ImportError as error:
        return Finding(Level.WRONG, str(error))
    return Finding(Level.OK, f"traces go to {settings.traces_url}")


def _inspect_port(settings: Settings) -> Finding:
    from tallystick.server import CannotStart, listen
    from tallystick.store.inspection import Finding, Level

    try:
        listen(settings.host, settings.port).close()
    except CannotStart as error:
        return Finding(Level.WRONG, str(error))
    return Finding(Level.OK, f"port {settings.port} of {settings.host} is free")
