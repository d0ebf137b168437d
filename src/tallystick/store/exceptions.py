"""Why a database can't be used, for the person who started the program; or can't hold a value."""

from __future__ import annotations

from tallystick.contract.exceptions import Refused, Unavailable


class StoreError(Exception):
    """The database can't be used."""


class UnknownDatabase(StoreError):
    """The URL is of a kind that the program does not know."""


class DatabaseUnusable(StoreError):
    """The database is not one, or may not be read and written."""


class DatabaseInUse(StoreError):
    """Another process serves this database."""


class SchemaTooNew(StoreError):
    """A newer version of the program has changed the database."""


class DatabaseClosed(StoreError):
    """The database is not open."""

    def __init__(self) -> None:
        super().__init__("the database is not open")


class DatabaseUnavailable(Unavailable):
    """The database is not available."""


class Unstorable(Refused):
    """A text may not hold the character U+0000."""
