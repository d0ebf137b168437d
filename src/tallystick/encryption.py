"""Secrets that must be read back, sealed with a key that is not in the database."""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import make_url

from tallystick.contract.exceptions import Problem
from tallystick.settings import Settings

DEV_KEY = "a key that everybody knows, for --dev alone"
_PURPOSE = b"tallystick: secrets at rest"


class NoEncryptionKey(Problem):
    """Secrets can't be kept: TALLYSTICK_SECRET_KEY is not set."""

    status = 400


class Undecryptable(Problem):
    """A secret can't be read: it was sealed with a key that TALLYSTICK_SECRET_KEY lacks."""


class Encryptor:
    """Seals texts with the first of its keys, and opens what any of them has sealed."""

    def __init__(self, keys: list[str]) -> None:
        self._fernet = MultiFernet([_fernet(key) for key in keys]) if keys else None

    def encrypt(self, text: str) -> str:
        """The text, encrypted and signed; raises `NoEncryptionKey`."""
        if self._fernet is None:
            raise NoEncryptionKey
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """The text that was sealed; raises `Undecryptable`."""
        if self._fernet is None:
            raise Undecryptable
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise Undecryptable from None


def create_encryptor(settings: Settings) -> Encryptor:
    """With the settings' keys, else the one in a file beside the database.

    Where there is no such place, the dev world has a key of its own, and any other service none.
    """
    if settings.secret_key is not None:
        keys = settings.secret_key.get_secret_value().split(",")
        return Encryptor([key.strip() for key in keys])
    return Encryptor(_kept(settings.database) or ([DEV_KEY] if settings.dev else []))


def _kept(database: str) -> list[str]:
    """The key beside an SQLite file, made when there is none; one of its own for memory."""
    url = make_url(database)
    if url.get_backend_name() != "sqlite":
        return []
    if url.database in (None, "", ":memory:"):
        return [secrets.token_urlsafe(32)]
    return [_key_in(Path(f"{url.database}.key"))]


def _key_in(file: Path) -> str:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        _create_key_file(file)
    return file.read_text(encoding="utf-8").strip()


def _create_key_file(file: Path) -> None:
    # Complete before it has its name: another process, at its first start, reads it or makes none.
    with NamedTemporaryFile("w", dir=file.parent, prefix=f"{file.name}.") as draft:
        draft.write(secrets.token_urlsafe(32))
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, file)


def _fernet(key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(key.encode())
    return Fernet(urlsafe_b64encode(derived))
