"""Encrypts and digests stored secrets with keys kept outside the database."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tallystick.contract.exceptions import Problem

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet

SETTING = "TALLYSTICK_SECRET_KEY"
DEV_KEY = "a key that everybody knows, for --dev alone"

SEALED_START = "gAAAA"
"""The beginning of every encrypted text: Fernet's version and a time before the year 2106."""

_PUBLIC = "public:"
_PURPOSE = b"tallystick: secrets at rest"
_OF_DIGESTS = b"tallystick: digests\0"
_NO_KEYS = ("",)


class NoEncryptionKey(Problem):
    """Secrets can't be kept: there is no key to seal them with."""

    status = 400


class Undecryptable(Problem):
    """A secret can't be opened: the key that sealed it is not here."""


def as_public(text: str) -> str:
    """Return a public text in its form among encrypted ones: in clear.

    So the dev world needs no key, and its start no cryptography.
    """
    return f"{_PUBLIC}{text}"


class Encryptor:
    """A set of keys: the first encrypts, and each can decrypt."""

    def __init__(self, keys: Sequence[str] = (), place: str = SETTING) -> None:
        self.replace_keys(keys, place)

    def replace_keys(self, keys: Sequence[str], place: str) -> None:
        """Use these keys from now on; `place` names their place in error messages."""
        self._keys = keys
        self._place = place
        self._made: MultiFernet | None = None

    @property
    def has_key(self) -> bool:
        """Return whether there is a key."""
        return bool(self._keys)

    @property
    def _fernet(self) -> MultiFernet | None:
        # Made with the first secret: its library takes 7 MB, and many servers keep none.
        if self._made is None and self._keys:
            self._made = _multi_fernet(self._keys)
        return self._made

    def encrypt(self, text: str) -> str:
        """Return the text encrypted and signed; raise `NoEncryptionKey` without a key."""
        if self._fernet is None:
            raise NoEncryptionKey(f"Secrets can't be kept: {self._place} is missing.")
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """Return the decrypted text; raise `Undecryptable` if its key is missing."""
        if sealed.startswith(_PUBLIC):
            return sealed.removeprefix(_PUBLIC)
        from cryptography.fernet import InvalidToken

        try:
            if self._fernet is not None:
                return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            pass
        raise Undecryptable(
            f"A secret can't be opened: {self._place} lacks the key that sealed it."
        )

    def reseal(self, sealed: str) -> str:
        """Return a text encrypted anew with the first key; raise `Undecryptable`."""
        return self.encrypt(self.decrypt(sealed))

    def digests(self, text: str) -> list[str]:
        """Return the digest of a text by each key, the first key's first.

        Nobody can tell a weak text by its digest without the key. Without any key anybody can.
        """
        told = _OF_DIGESTS + text.encode()
        return [hmac.digest(key.encode(), told, "sha256").hex() for key in self._keys or _NO_KEYS]


def _multi_fernet(keys: Sequence[str]) -> MultiFernet:
    from cryptography.fernet import MultiFernet

    return MultiFernet([_fernet(key) for key in keys])


def _fernet(key: str) -> Fernet:
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    # RFC 5869: a key of any length and alphabet becomes the 32 bytes of a Fernet key.
    derived = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(key.encode())
    return Fernet(urlsafe_b64encode(derived))
