"""Where everything is kept: one port over every database that Tallystick can use."""

from tallystick.store.database import Database
from tallystick.store.errors import (
    DatabaseClosed,
    DatabaseInUse,
    DatabaseUnusable,
    SchemaTooNew,
    StoreError,
    UnknownDatabase,
)
from tallystick.store.revisions import Revisions, bump
from tallystick.store.tables import metadata
from tallystick.store.writer import Entry

__all__ = [
    "Database",
    "DatabaseClosed",
    "DatabaseInUse",
    "DatabaseUnusable",
    "Entry",
    "Revisions",
    "SchemaTooNew",
    "StoreError",
    "UnknownDatabase",
    "bump",
    "metadata",
]
