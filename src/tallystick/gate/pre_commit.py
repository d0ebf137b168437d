"""A pre-commit hook: compares each changed contract with the last commit's."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tallystick.contract.reader.places import SUFFIXES
from tallystick.contract.reader.positions import Unparsable, parse_text
from tallystick.gate.command import CannotRun, diff
from tallystick.gate.outcome import COULD_NOT_RUN


def main() -> int:
    """Return the worst exit code of `tallystick diff` over all named files.

    A changed part of documents, itself no document, has all documents compared.
    """
    with tempfile.TemporaryDirectory() as folder:
        committed = Path(folder)
        _write_last_commit(committed)
        documents = [*_list_documents(committed, [Path(name) for name in sys.argv[1:]])]
        return max((_compare(committed / file, file) for file in documents), default=0)


def _write_last_commit(folder: Path) -> None:
    """Write the YAML and JSON files of the last commit into a folder."""
    listed = _git("ls-tree", "-r", "-z", "--name-only", "HEAD")
    found = {Path(name).suffix for name in os.fsdecode(listed).split("\0")}
    patterns = [f":(glob)**/*{suffix}" for suffix in SUFFIXES if suffix in found]
    if patterns:
        archive = _git("archive", "--format=tar", "HEAD", *patterns)
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(folder, filter="data")


def _list_documents(committed: Path, changed: list[Path]) -> Iterator[Path]:
    """Yield the documents to compare, of those in the last commit."""
    known = [file for file in changed if (committed / file).is_file()]
    is_part = any(not _is_document(file) for file in known if file.is_file())
    everything = (
        file.relative_to(committed) for file in sorted(committed.rglob("*")) if file.is_file()
    )
    for file in everything if is_part else known:
        if file.is_file() and _is_document(committed / file):
            yield file


def _is_document(file: Path) -> bool:
    """Return whether a file is an OpenAPI document, or should be one and can't be read."""
    text = file.read_bytes()
    if b"openapi" not in text:
        return False
    try:
        content = parse_text(text).content
    except Unparsable:
        return True
    return isinstance(content, dict) and "openapi" in content


def _compare(old: Path, new: Path) -> int:
    try:
        return diff(old, new)
    except CannotRun as error:
        print(f"tallystick: {error}", file=sys.stderr)
        return COULD_NOT_RUN


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
