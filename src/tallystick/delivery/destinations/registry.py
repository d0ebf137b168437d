"""The registry of destinations: each folder beside this file is a kind."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from tallystick.delivery import destinations
from tallystick.delivery.addresses import Addresses
from tallystick.delivery.destinations.destination_kind import DestinationKind, Options
from tallystick.secret_names import MASK
from tallystick.settings import Settings


def list_kinds() -> list[str]:
    """Return the names of all kinds of destinations."""
    return [module.name for module in iter_modules(destinations.__path__) if module.ispkg]


class Destinations:
    """The kinds of destinations by name, each loaded at its first use."""

    def __init__(self, addresses: Addresses, settings: Settings) -> None:
        self._addresses = addresses
        self._settings = settings
        self._loaded: dict[str, DestinationKind] = {}

    def get_kind(self, name: str) -> DestinationKind:
        """Return the kind of this name, which the contract has checked."""
        if name not in self._loaded:
            self._loaded[name] = _kind_class(name)(self._addresses, self._settings)
        return self._loaded[name]

    def mask_options(self, name: str, options: Options) -> Options:
        """Return the options with the secrets among them masked."""
        kind = self.get_kind(name)
        masked = dict.fromkeys(kind.secrets & options.keys(), MASK)
        return {**options, **masked}


def _kind_class(name: str) -> Callable[[Addresses, Settings], DestinationKind]:
    module = import_module(f"{destinations.__name__}.{name}.destination")
    return getattr(module, f"{name.title()}Destination")  # type: ignore[no-any-return]  # DestinationKind says what it has
