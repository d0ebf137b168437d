"""Secrets are encrypted with keys of the operator's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick import encryption
from tallystick.encryption import Encryptor, NoEncryptionKey, Undecryptable
from tallystick.settings import Settings

PASSWORD = "a-password-to-look-for"
KEY = "a key of 32 characters or of even more"
OTHER_KEY = "another key of 32 characters or more"


def test_what_one_key_has_sealed_the_next_ones_open() -> None:
    sealed = Encryptor([KEY]).encrypt(PASSWORD)
    assert PASSWORD not in sealed
    assert Encryptor([OTHER_KEY, KEY]).decrypt(sealed) == PASSWORD
    with pytest.raises(Undecryptable):
        Encryptor([OTHER_KEY]).decrypt(sealed)


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(NoEncryptionKey):
        Encryptor([]).encrypt(PASSWORD)
    with pytest.raises(Undecryptable):
        Encryptor([]).decrypt("x")


def test_the_key_beside_the_database_is_made_once_and_is_its_owner_s(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/new/x.db")
    sealed = encryption.create_encryptor(settings).encrypt(PASSWORD)
    assert encryption.create_encryptor(settings).decrypt(sealed) == PASSWORD
    [file] = (tmp_path / "new").iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("x.db.key", 0o600)


def test_the_setting_s_key_comes_before_the_file_s(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/x.db", secret_key=f"{KEY}, {OTHER_KEY}")
    sealed = encryption.create_encryptor(settings).encrypt(PASSWORD)
    assert Encryptor([KEY]).decrypt(sealed) == PASSWORD
    assert list(tmp_path.iterdir()) == []


def test_elsewhere_only_the_dev_world_has_a_key_without_a_setting() -> None:
    url = "postgresql://localhost/x"
    with pytest.raises(NoEncryptionKey):
        encryption.create_encryptor(Settings(database=url)).encrypt(PASSWORD)
    assert encryption.create_encryptor(Settings(database=url, dev=True)).encrypt(PASSWORD)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Settings(secret_key=f"{KEY},short")
