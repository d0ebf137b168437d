"""Generates client packages in six languages from the contracts."""

from tallystick.clients.generator import CannotGenerate, ClientPackage, generate_packages
from tallystick.clients.languages import list_languages
from tallystick.clients.plain_contract import PlainContract, read_contract
from tallystick.clients.samples import write_programs, write_samples
from tallystick.clients.source import list_apis, read_document

__all__ = [
    "CannotGenerate",
    "ClientPackage",
    "PlainContract",
    "generate_packages",
    "list_apis",
    "list_languages",
    "read_contract",
    "read_document",
    "write_programs",
    "write_samples",
]
