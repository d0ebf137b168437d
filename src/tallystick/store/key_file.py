"""The key file: a key for the secrets of an SQLite database, in a file beside it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from tallystick.encryption import Encryptor, Undecryptable
from tallystick.store.engine import parse_url, sqlite_file
from tallystick.store.exceptions import StoreError

_BYTES = 32


class KeyFileUnusable(StoreError):
    """The key file can't be read or written."""


class KeyFile:
    """The file ``DATABASE.key``; during a rotation the old key is in ``DATABASE.key.old``."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(f"{database.name}.key")
        self.old = database.with_name(f"{database.name}.key.old")

    def read_keys(self) -> Sequence[str]:
        """Return the key, followed by the old one during a rotation."""
        return [_read(path) for path in (self.path, self.old) if _is_there(path)]

    def create(self) -> None:
        """Write a new key, unless another process was faster."""
        # A hard link fails where the name exists already, so the first of two processes wins.
        with self._telling(), self._draft() as draft, suppress(FileExistsError):
            os.link(draft, self.path)

    def begin_replacing(self) -> None:
        """Write a new key and keep the old one; continue an interrupted rotation."""
        with self._telling():
            with suppress(FileExistsError):
                os.link(self.path, self.old)
            if _read(self.old) == _read(self.path):
                with self._draft() as draft:
                    # A link and a rename, as rename(2) replaces the key atomically: a start reads
                    # the old or the new one.
                    os.link(draft, f"{draft}.new")
                    Path(f"{draft}.new").replace(self.path)

    def end_replacing(self) -> None:
        """Remove the old key, once all secrets are encrypted with the new one."""
        with self._telling():
            self.old.unlink()

    def find_other(self, sealed: str) -> Path | None:
        """Return the path of another database's key file in the folder that decrypts the text."""
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
        # The draft is complete before it gets its name, so another process reads all of it or none.
        prefix = f"{self.path.name}."
        with NamedTemporaryFile("w", dir=self.path.parent, prefix=prefix) as draft:
            draft.write(secrets.token_urlsafe(_BYTES))
            draft.flush()
            os.fsync(draft.fileno())
            yield draft.name


def key_file_of(url: str) -> KeyFile | None:
    """Return the key file of an SQLite file; None for other databases."""
    file = sqlite_file(parse_url(url))
    return KeyFile(file.absolute()) if file else None


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
