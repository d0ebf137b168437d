"""Client stubs: packages in five languages, generated from the contracts."""

from tallystick.clients.generator import CannotGenerate, ClientPackage, generate
from tallystick.clients.languages import languages
from tallystick.clients.source import apis

__all__ = ["CannotGenerate", "ClientPackage", "apis", "generate", "languages"]
