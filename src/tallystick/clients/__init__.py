"""Client stubs: packages in five languages, generated from the contracts."""

from tallystick.clients.generator import CannotGenerate, Wanted, generate
from tallystick.clients.languages import languages
from tallystick.clients.source import apis

__all__ = ["CannotGenerate", "Wanted", "apis", "generate", "languages"]
