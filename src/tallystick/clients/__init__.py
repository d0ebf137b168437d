"""Generates client packages in five languages from the contracts."""

from tallystick.clients.generator import CannotGenerate, ClientPackage, generate_packages
from tallystick.clients.languages import list_languages
from tallystick.clients.source import list_apis

__all__ = ["CannotGenerate", "ClientPackage", "generate_packages", "list_apis", "list_languages"]
