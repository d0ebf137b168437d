"""The languages of clients: each has a folder in `clients`, and a module `in_<language>` here."""

from __future__ import annotations

from importlib import import_module

from client_programs.language import Language
from tallystick.clients import list_languages

LANGUAGES: dict[str, Language] = {
    name: import_module(f"client_programs.in_{name}").LANGUAGE for name in list_languages()
}
