"""Secrets that must be read back, sealed with a key that is not in the database."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tallystick.contract.exceptions import Problem

SETTING = "TALLYSTICK_SECRET_KEY"
DEV_KEY = "a key that everybody knows, for --dev alone"

SEALED_START = "gAAAA"
"""How every sealed text begins: Fernet's version and the first bytes of a time until 2106."""

_PURPOSE = b"tallystick: secrets at rest"


class NoEncryptionKey(Problem):
    """Secrets can't be kept: there is no key to seal them with."""

    status = 400


class Undecryptable(Problem):
    """A secret can't be opened: the key that sealed it is not here."""


class Encryptor:
    """Seals texts with the first of its keys, and opens what any of them has sealed."""

    def __init__(self, keys: Sequence[str] = (), place: str = SETTING) -> None:
        self.replace_keys(keys, place)

    def replace_keys(self, keys: Sequence[str], place: str) -> None:
        """Use these keys from now on; `place` tells people where they are kept."""
        self._fernet = MultiFernet([_fernet(key) for key in keys]) if keys else None
        self._place = place

    def encrypt(self, text: str) -> str:
        """The text, encrypted and signed; raises `NoEncryptionKey`."""
        if self._fernet is None:
            raise NoEncryptionKey(f"Secrets can't be kept: {self._place} is missing.")
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """The text that was sealed; raises `Undecryptable`."""
        try:
            if self._fernet is not None:
                return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            pass
        raise Undecryptable(
            f"A secret can't be opened: {self._place} lacks the key that sealed it."
        )

    def reseal(self, sealed: str) -> str:
        """The same text, sealed with the first key; raises `Undecryptable`."""
        return self.encrypt(self.decrypt(sealed))


def _fernet(key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(key.encode())
    return Fernet(urlsafe_b64encode(derived))
