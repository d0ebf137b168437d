"""Exceptions for an unusable database, or an unstorable value."""

from __future__ import annotations

from tallystick.contract.exceptions import Refused, Unavailable


class StoreError(Exception):
    """The database can't be used."""


class UnknownDatabase(StoreError):
    """The program does not know this kind of database URL."""


class DriverNotInstalled(StoreError):
    """This kind of database needs an extra of the package."""


class DatabaseUnusable(StoreError):
    """The database can't be read and written for now."""


class NoDatabase(StoreError):
    """Something else than a database of ours is at the place, and stays so until it is changed."""


class DatabaseInUse(StoreError):
    """Another process serves this database."""


class SchemaTooNew(StoreError):
    """A newer version of the program has changed the database."""


class TableInUse(StoreError):
    """Other transactions, such as a long read, keep a table from a change of its partitions."""


class DatabaseClosed(StoreError):
    """The database is not open."""

    def __init__(self) -> None:
        super().__init__("the database is not open")


class DatabaseUnavailable(Unavailable):
    """The database is not available."""

    reason = ""
    """The database's own words, for operators alone; empty where the message has the reason."""

    def tell_operator(self) -> str:
        """Return the message with the database's own words."""
        return f"{self} It says: {self.reason}." if self.reason else str(self)


class Deadlocked(Unavailable):
    """The database has undone a transaction, as it and another one waited for each other."""

    def __init__(self) -> None:
        super().__init__("Other calls changed the same rows at the same time.", retry_after=1)


class Unstorable(Refused):
    """A text may not hold the character U+0000, nor half a surrogate pair."""
