"""The tables of the whole program."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from sqlalchemy import Table

from tallystick.store.tables import metadata


def find_tables() -> Mapping[str, Table]:
    """Return the tables of the store, of deliveries and of every API, by their names."""
    # Each module registers its tables in the metadata as it is imported.
    import_module("tallystick.delivery.tables")
    apis = import_module("tallystick.apis")
    for module in iter_modules(apis.__path__, f"{apis.__name__}."):
        if module.ispkg and find_spec(f"{module.name}.tables"):
            import_module(f"{module.name}.tables")
    return metadata.tables
