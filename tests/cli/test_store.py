"""A command works in a database beside a server, and says in words why it can't."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.exceptions import Exit

from tallystick.apis.keys import ApiKeys
from tallystick.cli.store import with_store
from tallystick.contract.exceptions import NotFound
from tallystick.settings import Settings
from tallystick.store import Database, DatabaseClosed


def settings(tmp_path: Path) -> Settings:
    return Settings(database=f"sqlite:///{tmp_path}/tallystick.db")


def test_what_a_command_writes_is_there_for_the_next(tmp_path: Path) -> None:
    made: list[str] = []

    async def create(keys: ApiKeys, _: Database) -> None:
        key, _secret = await keys.create_key("charon", "name")
        made.append(key.id)

    async def read(keys: ApiKeys, _: Database) -> None:
        made.extend(key.id for key in await keys.list_keys())

    with_store(settings(tmp_path), create)
    with_store(settings(tmp_path), read)
    assert len(made) == 2
    assert made[0] == made[1]


def test_a_refusal_ends_the_command_with_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def refuse(_keys: ApiKeys, _store: Database) -> None:
        raise NotFound("There is no such key.")

    with pytest.raises(Exit) as ended:
        with_store(settings(tmp_path), refuse)
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err.splitlines() == [
        f"tallystick: making the database {tmp_path}/tallystick.db",
        "tallystick: There is no such key.",
    ]


def test_a_database_that_can_t_be_opened_ends_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tallystick.db").write_text("Dear Sir or Madam, " * 100, encoding="utf-8")

    async def never(_keys: ApiKeys, _store: Database) -> None:
        raise NotImplementedError

    with pytest.raises(Exit):
        with_store(settings(tmp_path), never)
    assert "tallystick.db: file is not a database" in capsys.readouterr().err


def test_the_database_is_closed_whatever_happens(tmp_path: Path) -> None:
    used: list[Database] = []

    async def fail(_: ApiKeys, store: Database) -> None:
        used.append(store)
        raise LookupError

    with pytest.raises(LookupError):
        with_store(settings(tmp_path), fail)
    with pytest.raises(DatabaseClosed):
        used[0].append()
