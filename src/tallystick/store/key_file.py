"""The key of an SQLite database's secrets, in a file beside it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from tallystick.encryption import Encryptor, Undecryptable
from tallystick.store.engine import parse_url
from tallystick.store.exceptions import StoreError

_BYTES = 32


class KeyFileUnusable(StoreError):
    """The key file can't be read or written."""


class KeyFile:
    """``DATABASE.key``; beside it, while the key is replaced, the one before as ``….key.old``."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(f"{database.name}.key")
        self.old = database.with_name(f"{database.name}.key.old")

    def read_keys(self) -> Sequence[str]:
        """Return the key, and the one that is being replaced if there is one."""
        return [_read(path) for path in (self.path, self.old) if _is_there(path)]

    def create(self) -> None:
        """Write a new key, unless another process was faster."""
        with self._telling(), self._draft() as draft, suppress(FileExistsError):
            os.link(draft, self.path)

    def begin_replacing(self) -> None:
        """Write a new key and keep the old one; go on where an earlier run was stopped."""
        with self._telling():
            with suppress(FileExistsError):
                os.link(self.path, self.old)
            if _read(self.old) == _read(self.path):
                with self._draft() as draft:
                    os.link(draft, f"{draft}.new")
                    Path(f"{draft}.new").replace(self.path)

    def end_replacing(self) -> None:
        """Remove the old key, as nothing needs it any more."""
        with self._telling():
            self.old.unlink()

    def find_other(self, sealed: str) -> Path | None:
        """Return another database's key file in the same folder that opens a sealed text."""
        others = (path for path in self.path.parent.glob("*.key") if path != self.path)
        return next((path for path in others if _opens(path, sealed)), None)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _unusable(self.path, error) from error

    @contextmanager
    def _draft(self) -> Iterator[str]:
        # Complete before it has its name: another process, at its first start, reads it or none.
        prefix = f"{self.path.name}."
        with NamedTemporaryFile("w", dir=self.path.parent, prefix=prefix) as draft:
            draft.write(secrets.token_urlsafe(_BYTES))
            draft.flush()
            os.fsync(draft.fileno())
            yield draft.name


def key_file_of(url: str) -> KeyFile | None:
    """Return the key file of a database; only an SQLite file has one."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return KeyFile(Path(parsed.database).absolute())


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise _unusable(path, error) from error


def _read(path: Path) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, error) from error
    if not key:
        raise KeyFileUnusable(f"the key file {path} is empty")
    return key


def _opens(path: Path, sealed: str) -> bool:
    try:
        Encryptor([_read(path)]).decrypt(sealed)
    except (KeyFileUnusable, Undecryptable):
        return False
    return True


def _unusable(path: Path, error: Exception) -> KeyFileUnusable:
    reason = getattr(error, "strerror", None) or "it is not text"
    return KeyFileUnusable(f"can't use the key file {path}: {reason}")
