"""`check` says what a start would find, and changes nothing."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from command_line import tallystick
from self_signed import self_signed
from server_process import StartServer

FREE = {"TALLYSTICK_PORT": "0"}


def found(url: str, **env: str) -> tuple[int, list[str]]:
    """Return the exit code and the findings."""
    ran = tallystick("check", "--database", url, **{**FREE, **env})
    assert ran.stderr == ""
    return ran.returncode, ran.stdout.splitlines()


@pytest.fixture
def used(start_server: StartServer) -> Path:
    """A database with a sealed secret, which a server has used."""
    server = start_server()
    server.stop()
    url = f"sqlite:///{server.database}"
    tallystick("keys", "create", "eventgrid", "--project", "p", "--scope", "*", "--database", url)
    return server.database


def test_a_new_database_is_well_and_is_not_made(tmp_path: Path) -> None:
    code, lines = found(f"sqlite:///{tmp_path}/new/x.db")
    assert code == 0
    assert "ok     the database is new: a start makes it" in lines
    assert list(tmp_path.iterdir()) == []


def test_a_used_database_is_well_and_nothing_is_left_beside_it(used: Path) -> None:
    before = sorted(os.listdir(used.parent))
    code, lines = found(f"sqlite:///{used}")
    assert (code, {line.split()[0] for line in lines}) == (0, {"ok"})
    assert sorted(os.listdir(used.parent)) == before


@pytest.mark.parametrize("path", ["file/x.db", "file/folder/x.db", "folder"])
def test_a_place_that_can_t_hold_a_database_is_named(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    code, lines = found(f"sqlite:///{tmp_path / path}")
    assert code == 1
    [wrong] = [line for line in lines if line.startswith("wrong")]
    assert f"can't use {tmp_path / path}: " in wrong


def test_a_database_in_use_and_its_port_are_named(start_server: StartServer) -> None:
    server = start_server()
    port = server.url.rpartition(":")[2]
    code, lines = found(f"sqlite:///{server.database}", TALLYSTICK_PORT=port)
    assert code == 1
    assert "wrong  another tallystick process uses the database" in lines
    taken = f"wrong  can't listen on 127.0.0.1:{port}: Address already in use"
    assert any(line.startswith(taken) for line in lines)


def test_tables_of_another_version_are_told(used: Path) -> None:
    with sqlite3.connect(used) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0010'")
    code, lines = found(f"sqlite:///{used}")
    assert code == 0
    assert any(line.startswith("note   its tables have the version 0010") for line in lines)
    with sqlite3.connect(used) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    code, lines = found(f"sqlite:///{used}")
    assert code == 1
    assert any("9999" in line and "newer version" in line for line in lines)


def test_a_missing_or_unusable_key_file_is_named(used: Path) -> None:
    key = used.with_name(f"{used.name}.key")
    key.unlink()
    code, lines = found(f"sqlite:///{used}")
    assert (code, any(f"{key} is missing" in line for line in lines)) == (1, True)
    key.mkdir()
    code, lines = found(f"sqlite:///{used}")
    assert (code, any(f"{key}: Is a directory" in line for line in lines)) == (1, True)


def test_a_file_that_is_no_database_or_is_damaged_is_told_with_what_to_do(used: Path) -> None:
    letter = used.with_name("letter.txt")
    letter.write_text("Dear Sir or Madam, " * 100)
    os.truncate(used, 100_000)
    for file, reason in ((letter, "file is not a database"), (used, "image is malformed")):
        code, lines = found(f"sqlite:///{file}")
        [wrong] = [line for line in lines if line.startswith("wrong")]
        words = f"{reason}; name another by --database, or move it away and restore a backup"
        assert (code, wrong.endswith(words)) == (1, True)


def test_settings_that_are_wrong_are_told(tmp_path: Path) -> None:
    code, lines = found(f"sqlite:///{tmp_path}/x.db", TALLYSTICK_QUEUE="none")
    assert code == 1
    assert lines == ["wrong  TALLYSTICK_QUEUE: give a whole number of 0 or more"]
    assert found("nonsense")[0] == 1


def test_a_misspelt_variable_is_noted(tmp_path: Path) -> None:
    code, lines = found(f"sqlite:///{tmp_path}/x.db", TALLYSTICK_PROT="1")
    assert code == 0
    assert "note   TALLYSTICK_PROT is no setting; did you mean TALLYSTICK_PORT?" in lines


def test_a_postgresql_is_looked_at_too(empty_postgres_url: str) -> None:
    code, lines = found(empty_postgres_url)
    assert (code, any("has no tables yet" in line for line in lines)) == (0, True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        away = f"postgresql://me:a-password@127.0.0.1:{probe.getsockname()[1]}/none"
        code, lines = found(away)
    assert (code, any("refused" in line for line in lines)) == (1, True)
    assert not any("a-password" in line for line in lines)


@pytest.mark.parametrize(
    ("option", "has_tables", "words"),
    [
        ("default_transaction_read_only=on", True, "it is read-only"),
        ("role=pg_read_all_data", True, "permission denied for table "),
        ("role=pg_read_all_data", False, "permission denied for schema public"),
    ],
)
def test_a_postgresql_that_takes_no_writes_is_told_here_and_by_a_start(
    empty_postgres_url: str, option: str, has_tables: bool, words: str
) -> None:
    if has_tables:
        made = tallystick(
            "keys", "create", "event_store", "--scope", "*", "--database", empty_postgres_url
        )
        assert made.returncode == 0
    url = f"{empty_postgres_url}?options=-c%20{option}"
    code, lines = found(url)
    assert (code, [words in line for line in lines if line.startswith("wrong")]) == (1, [True])
    start = tallystick("serve", "--port", "0", "--database", url)
    assert (start.returncode, "Traceback" in start.stderr) == (75, False)
    assert words in start.stderr


def test_contracts_a_certificate_and_traces_are_looked_at(tmp_path: Path) -> None:
    certificate, key = self_signed()
    (tmp_path / "server.pem").write_bytes(certificate + key)
    (tmp_path / "pets.yaml").write_text(
        "{openapi: 3.0.3, info: {title: Pets, version: '1'}, paths: {/pets: {get: {"
        "operationId: list, responses: {'200': {description: Pets.}}}}}}"
    )
    env = {
        "TALLYSTICK_CONTRACTS": str(tmp_path / "pets.yaml"),
        "TALLYSTICK_TLS_CERT": str(tmp_path / "server.pem"),
        "TALLYSTICK_TRACES_URL": "http://127.0.0.1:9",
    }
    code, lines = found(f"sqlite:///{tmp_path}/x.db", **env)
    assert code == 0, lines
    assert lines[-4:-1] == [
        "ok     the contracts can be served: pets",
        f"ok     the certificate {tmp_path}/server.pem can be used",
        "ok     traces go to http://127.0.0.1:9",
    ]
    (tmp_path / "pets.yaml").write_text("a: [")
    (tmp_path / "server.pem").write_bytes(certificate)
    (tmp_path / "opentelemetry.py").write_text("raise ImportError")
    code, lines = found(f"sqlite:///{tmp_path}/x.db", PYTHONPATH=str(tmp_path), **env)
    wrong = [line for line in lines if line.startswith("wrong")]
    assert (code, len(wrong)) == (1, 3)
    for line, words in zip(
        wrong, ("pets.yaml:2: is not YAML", "server.pem: ", "tallystick[otel]"), strict=True
    ):
        assert words in line


@pytest.mark.parametrize(
    ("begins", "ends", "word"),
    [(timedelta(days=-2), timedelta(days=-1), "ended"), (timedelta(1), timedelta(2), "begins")],
)
def test_a_certificate_out_of_its_time_is_wrong(
    tmp_path: Path, begins: timedelta, ends: timedelta, word: str
) -> None:
    certificate, key = self_signed(ends, begins)
    (tmp_path / "server.pem").write_bytes(key + certificate)
    env = {"TALLYSTICK_TLS_CERT": str(tmp_path / "server.pem")}
    code, lines = found(f"sqlite:///{tmp_path}/x.db", **env)
    [wrong] = [line for line in lines if line.startswith("wrong")]
    assert (code, wrong.startswith(f"wrong  the certificate {tmp_path}/server.pem {word}")) == (
        1,
        True,
    )


def test_the_findings_are_json_for_scripts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    ran = tallystick("check", "--json", "--database", url, **FREE)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (ran.returncode, [f"{line['level']:<6} {line['words']}" for line in lines]) == found(url)
