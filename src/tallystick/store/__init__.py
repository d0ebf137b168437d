"""The store: one interface to every kind of database."""

from tallystick.store.batch import Entry
from tallystick.store.companion import Companion
from tallystick.store.database import Database
from tallystick.store.exceptions import (
    DatabaseClosed,
    DatabaseInUse,
    DatabaseUnavailable,
    DatabaseUnusable,
    Deadlocked,
    NoDatabase,
    SchemaTooNew,
    StoreError,
    TableInUse,
    UnknownDatabase,
    Unstorable,
)
from tallystick.store.key_file import KeyFileUnusable
from tallystick.store.revisions import Revisions, bump_revision
from tallystick.store.row_errors import is_unavailable, raise_unavailable
from tallystick.store.secret_keys import load_keys
from tallystick.store.slices import SliceResult, work_in_slices
from tallystick.store.sql import has_bytes, lock_name, overwriting
from tallystick.store.tables import metadata

__all__ = [
    "Companion",
    "Database",
    "DatabaseClosed",
    "DatabaseInUse",
    "DatabaseUnavailable",
    "DatabaseUnusable",
    "Deadlocked",
    "Entry",
    "KeyFileUnusable",
    "NoDatabase",
    "Revisions",
    "SchemaTooNew",
    "SliceResult",
    "StoreError",
    "TableInUse",
    "UnknownDatabase",
    "Unstorable",
    "bump_revision",
    "has_bytes",
    "is_unavailable",
    "load_keys",
    "lock_name",
    "metadata",
    "overwriting",
    "raise_unavailable",
    "work_in_slices",
]
