"""Errors within a transaction: those of its database, apart from those of a row."""

from __future__ import annotations

from sqlalchemy import Connection

from tallystick.contract.exceptions import Unavailable
from tallystick.store.sqlite_outages import WRITE_OUTAGES, to_unavailable


def raise_unavailable(connection: Connection, error: Exception) -> None:
    """Raise `Unavailable` for an error of the database, such as a full disk; pass one of a row."""
    told = _translate(connection, error)
    if isinstance(told, Unavailable):
        raise told from error


def is_unavailable(connection: Connection, error: Exception) -> bool:
    """Return whether an error is of the database, such as a full disk, rather than of a row."""
    return isinstance(_translate(connection, error), Unavailable)


def _translate(connection: Connection, error: Exception) -> Exception | None:
    if connection.dialect.name == "sqlite":
        return to_unavailable(error, WRITE_OUTAGES)
    from tallystick.store.postgresql import to_problem

    return to_problem(error)
