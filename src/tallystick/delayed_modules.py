"""Modules that another module imports, and that load when it first uses them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class DelayedModule(ModuleType):
    """Stands for a module of the same name, and imports it when an attribute is asked for."""

    def __getattr__(self, name: str) -> Any:
        """Return the real module's attribute."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def delayed_modules(*names: str) -> Iterator[None]:
    """Delay the import of some modules in the block, until they are used.

    A name bound by `import a.b` in the block loads the real module at its first use, which
    `from a import b` is. After the block everybody imports the real modules, as always.
    """
    delayed = {name: DelayedModule(name) for name in names if not _is_loaded(name)}
    for name, module in delayed.items():
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
        sys.modules[name] = module
    try:
        yield
    finally:
        for name, module in delayed.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def _is_loaded(name: str) -> bool:
    """Return whether a module is loaded, or the import of its package loads it."""
    if parent := name.rpartition(".")[0]:
        import_module(parent)
    return name in sys.modules
