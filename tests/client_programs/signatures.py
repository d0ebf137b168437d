"""The public interface of each language's clients, as a list: `clients/<language>/api.txt`.

It is read from the clients' source: one line for each public declaration in the templates' style,
under the name of the API and of the file.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from client_programs.builds import LANGUAGES
from tallystick.clients import (
    ClientPackage,
    generate_packages,
    list_apis,
    read_document,
)

CLIENTS = Path(__file__).parents[2] / "clients"
CHANGELOG = CLIENTS / "CHANGELOG.md"
_DIGITS = 12


def api_file(language: str) -> Path:
    """Return the path of a language's list."""
    return CLIENTS / language / "api.txt"


def digest(text: str) -> str:
    """Return the digest that names a list in the changelog."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def signatures(language: str, made: Path) -> str:
    """Return the list of a language, from the folder with its clients."""
    chosen = LANGUAGES[language]
    lines = []
    for api in list_apis():
        for file in sorted((made / api).rglob(f"*{chosen.suffix}")):
            if "dist" in file.relative_to(made).parts:
                continue  # what a compiler has made of it
            found = list(chosen.declarations(file.read_text(encoding="utf-8")))
            if found:
                lines += [f"{api}: {file.stem}", *(f"    {line}" for line in found), ""]
    return "\n".join(lines)


def main() -> None:
    """Write every list anew, and print the changelog's line for each changed one."""
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        generate_packages(
            [
                ClientPackage(lang, read_document(api), made / lang / api)
                for lang in LANGUAGES
                for api in list_apis()
            ]
        )
        log = CHANGELOG.read_text(encoding="utf-8")
        for language in LANGUAGES:
            text = signatures(language, made / language)
            api_file(language).write_text(text, encoding="utf-8")
            if digest(text) not in log:
                print(f"{CHANGELOG.name} must tell what changed: {language} {digest(text)}")


if __name__ == "__main__":
    main()
