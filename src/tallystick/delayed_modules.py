"""Modules that load, and packages whose own code runs, when somebody first uses them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any

_CODE = "__delayed_code__"


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


class DelayedName:
    """Stands for a class or a function, and imports its module at the first use."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the real one."""
        return getattr(import_module(self._module), self._name)(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        """Return the real one's attribute."""
        if name.startswith("__"):  # asked of any object: whether it is a descriptor, a type …
            raise AttributeError(name)
        return getattr(getattr(import_module(self._module), self._name), name)


class DelayedPackage(ModuleType):
    """A module itself, whose code runs when a name of it is first asked for."""

    def __getattr__(self, name: str) -> Any:
        """Run the module's code, and return the attribute that it made."""
        if code := vars(self).get(_CODE):
            code.run(self)
        return ModuleType.__getattribute__(self, name)


class _Code:
    """The code of a `DelayedPackage` that has not run yet."""

    def __init__(self, modules: dict[str, Any]) -> None:
        self._modules = modules
        self._running = RLock()
        self._has_begun = False

    def run(self, package: ModuleType) -> None:
        """Run the code once; other threads wait, and the code itself finds what it made so far."""
        with self._running:
            if self._has_begun:
                return
            self._has_begun = True
            try:
                vars(package).update(self._modules)
                assert package.__spec__
                assert package.__spec__.loader
                package.__spec__.loader.exec_module(package)
            except BaseException:
                self._has_begun = False
                raise
            package.__class__ = ModuleType
            del vars(package)[_CODE]


@contextmanager
def delayed_package(name: str, *taken: str) -> Iterator[None]:
    """Let the block import modules of a package without the code of the package, or of a module.

    The block may take the names in `taken` from it, and gets a `DelayedName` for each. After the
    block the code runs when somebody asks for a name of the package, which `import a` and
    `from a.b import c` do not, and finds the modules that the block imported.
    """
    spec = None if name in sys.modules else find_spec(name)
    if spec is None:
        yield
        return
    package = sys.modules[name] = module_from_spec(spec)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, package)
    own = vars(package)
    own.update({each: DelayedName(name, each) for each in taken})
    try:
        yield
    except BaseException:
        del sys.modules[name]
        raise
    for each in taken:
        del own[each]
    # A name may be of a module and of what the package takes from it.
    found = [child for child in own if f"{name}.{child}" in sys.modules]
    own[_CODE] = _Code({child: own.pop(child) for child in found})
    package.__class__ = DelayedPackage
