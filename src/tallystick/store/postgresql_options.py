"""The options of libpq in a URL of PostgreSQL, checked by libpq without a server."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import make_conninfo, timeout_from_conninfo
from psycopg.pq import PGconn
from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError

from tallystick.store.exceptions import UnknownDatabase

_NOWHERE = "/dev/null/tallystick"
"""A folder of sockets inside a file: libpq names it once it has taken all options."""


def check_options(url: URL) -> None:
    """Raise `UnknownDatabase` for options refused by libpq before it asks any server."""
    if refusal := _find_refusal(url):
        raise UnknownDatabase(f"the options for PostgreSQL are wrong: {refusal}")


def _find_refusal(url: URL) -> str:
    try:
        options = dict(url.get_dialect()().create_connect_args(url)[1])
        timeout_from_conninfo(options)
        text = make_conninfo(**_without_server(options))
    except (ArgumentError, psycopg.Error) as error:
        return str(error).strip()
    attempt = PGconn.connect_start(text.encode())
    try:
        words = attempt.get_error_message()
    finally:
        attempt.finish()
    return "" if _NOWHERE in words else words.strip()


def _without_server(options: dict[str, str]) -> dict[str, str]:
    # An empty address keeps libpq from one in its environment or its service file. To require
    # GSSAPI is right for a host alone.
    made = {**options, "hostaddr": "", "gssencmode": "disable"}
    if hosts := made.get("host"):
        # As many as before: libpq compares their number with that of the ports.
        return {**made, "host": ",".join(_NOWHERE for _ in hosts.split(","))}
    return {**made, "host": _NOWHERE, "port": "5432"}
