"""The key beside an SQLite database is made once, and replaced without a moment of loss."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.encryption import Encryptor
from tallystick.store.key_file import KeyFile, KeyFileUnusable, key_file_of


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "x.db")


def test_a_key_is_made_once_and_is_its_owner_s(file: KeyFile, tmp_path: Path) -> None:
    assert file.read_keys() == []
    file.create()
    [key] = file.read_keys()
    file.create()
    assert file.read_keys() == [key]
    assert len(key) >= 32
    [made] = tmp_path.iterdir()
    assert (made.name, made.stat().st_mode & 0o777) == ("x.db.key", 0o600)


def test_while_it_is_replaced_the_old_key_is_kept_and_read_too(
    file: KeyFile, tmp_path: Path
) -> None:
    file.create()
    [old] = file.read_keys()
    file.begin_replacing()
    new, kept = file.read_keys()
    assert (kept, new != old) == (old, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.db.key", "x.db.key.old"]
    file.end_replacing()
    assert file.read_keys() == [new]
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_replacing_goes_on_where_it_was_stopped(file: KeyFile) -> None:
    file.create()
    [old] = file.read_keys()
    # Stopped after the old key had its second name, and before the new one was there.
    file.old.hardlink_to(file.path)
    file.begin_replacing()
    new, kept = file.read_keys()
    assert (kept, new != old) == (old, True)
    # Stopped before the secrets were sealed anew.
    file.begin_replacing()
    assert file.read_keys() == [new, old]


def test_a_key_file_that_can_t_be_used_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "folder.key").mkdir()
    (tmp_path / "bytes.key").write_bytes(b"\xff" * 32)
    (tmp_path / "empty.key").write_text(" \n")
    words = {"folder": "Is a directory", "bytes": "it is not text", "empty": "is empty"}
    for name, why in words.items():
        with pytest.raises(KeyFileUnusable, match=rf"key file .*{name}\.key.*{why}"):
            KeyFile(tmp_path / name).read_keys()


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileUnusable, match=r"file/x\.db\.key: Not a directory"):
        KeyFile(tmp_path / "file" / "x.db").create()


def test_another_database_s_key_is_found_by_what_it_opens(file: KeyFile, tmp_path: Path) -> None:
    others = [KeyFile(tmp_path / name) for name in ("a.db", "b.db")]
    for other in (file, *others):
        other.create()
    (tmp_path / "folder.key").mkdir()
    sealed = Encryptor(others[1].read_keys()).encrypt("a password")
    assert file.find_other(sealed) == others[1].path
    assert file.find_other(Encryptor(["unknown"]).encrypt("a password")) is None


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql://localhost/x"])
def test_only_a_file_has_a_key_file(url: str) -> None:
    assert key_file_of(url) is None


def test_a_key_file_stands_beside_its_database(tmp_path: Path) -> None:
    file = key_file_of(f"sqlite:///{tmp_path}/x.db")
    assert file
    assert file.path == tmp_path / "x.db.key"
