"""Writes the vendored files of the console, and their table, from the packages of npm.

Run it by `make vendor`. To take a new version, change it here first.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "src/tallystick/web/vendor"
TABLE = FOLDER / "README.md"
HEAD = """# Vendored files

`make vendor` writes these files and this table anew from npm. A test compares both. Where a module
imports preact by its name, it is given the file beside it, as a browser knows no packages.

| file | package | version | licence | path in the package | sha256 |
|---|---|---|---|---|---|
"""


class VendoredFile(NamedTuple):
    """A file of a package, as it is vendored."""

    name: str
    package: str
    version: str
    licence: str
    path: str


FILES = (
    VendoredFile("preact.js", "preact", "11.2.0", "MIT", "dist/preact.mjs"),
    VendoredFile("hooks.js", "preact", "11.2.0", "MIT", "hooks/dist/hooks.mjs"),
    VendoredFile("LICENSE.preact", "preact", "11.2.0", "MIT", "LICENSE"),
    VendoredFile("htm.js", "htm", "3.1.1", "Apache-2.0", "dist/htm.mjs"),
    VendoredFile("LICENSE.htm", "htm", "3.1.1", "Apache-2.0", "LICENSE"),
)


def main() -> None:
    """Write each file and the table."""
    rows = [write_file(file) for file in FILES]
    TABLE.write_text(HEAD + "".join(rows), encoding="utf-8")


def write_file(file: VendoredFile) -> str:
    """Write a file, and return its row of the table."""
    content = read_file(file).replace(b'from"preact"', b'from"./preact.js"')
    (FOLDER / file.name).write_bytes(content)
    cells = (*file, sha256(content).hexdigest())
    return f"| {' | '.join(cells)} |\n"


def read_file(file: VendoredFile) -> bytes:
    """Return the content of a file in its package."""
    package = f"{file.package}@{file.version}"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True
        )
        archive = Path(folder) / done.stdout.decode().strip()
        with tarfile.open(archive) as packed:
            member = packed.extractfile(f"package/{file.path}")
            assert member is not None, f"{package} has no {file.path}"
            return member.read()


if __name__ == "__main__":
    main()
