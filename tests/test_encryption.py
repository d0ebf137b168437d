"""What is sealed opens with the key that sealed it, and with no other."""

from __future__ import annotations

import pytest

from tallystick.encryption import (
    SEALED_START,
    Encryptor,
    NoEncryptionKey,
    Undecryptable,
    as_public,
)

PASSWORD = "a-password-to-look-for"
KEY = "a key of 32 characters or of even more"
OTHER_KEY = "another key of 32 characters or more"


def test_what_one_key_has_sealed_the_next_ones_open() -> None:
    sealed = Encryptor([KEY]).encrypt(PASSWORD)
    assert PASSWORD not in sealed
    assert sealed.startswith(SEALED_START)
    assert Encryptor([OTHER_KEY, KEY]).decrypt(sealed) == PASSWORD


def test_another_key_opens_nothing_and_its_place_is_named() -> None:
    sealed = Encryptor([KEY]).encrypt(PASSWORD)
    for keys in ([OTHER_KEY], []):
        with pytest.raises(Undecryptable, match=r"x\.db\.key lacks the key that sealed it"):
            Encryptor(keys, "x.db.key").decrypt(sealed)


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(NoEncryptionKey, match="TALLYSTICK_SECRET_KEY is missing"):
        Encryptor().encrypt(PASSWORD)
    with pytest.raises(Undecryptable):
        Encryptor().decrypt("x")


def test_what_is_sealed_anew_needs_the_first_key_alone() -> None:
    sealed = Encryptor([KEY]).encrypt(PASSWORD)
    anew = Encryptor([OTHER_KEY, KEY]).reseal(sealed)
    assert Encryptor([OTHER_KEY]).decrypt(anew) == PASSWORD


def test_what_everybody_knows_is_kept_in_clear_and_opens_without_a_key() -> None:
    kept = as_public("DEVSK")
    assert not kept.startswith(SEALED_START)
    assert Encryptor().decrypt(kept) == Encryptor([KEY]).decrypt(kept) == "DEVSK"


def test_an_encryptor_takes_other_keys_while_it_is_used() -> None:
    encryptor = Encryptor()
    encryptor.replace_keys([KEY], "x.db.key")
    assert encryptor.decrypt(Encryptor([KEY]).encrypt(PASSWORD)) == PASSWORD


def test_a_digest_is_by_each_key_and_without_one_by_none() -> None:
    [old] = Encryptor([KEY]).digests(PASSWORD)
    new, *others = Encryptor([OTHER_KEY, KEY]).digests(PASSWORD)
    [unkeyed] = Encryptor().digests(PASSWORD)
    assert others == [old]
    assert len({old, new, unkeyed, *Encryptor([KEY]).digests(f"{PASSWORD}2")}) == 4
