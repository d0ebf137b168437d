"""`backup` copies a database beside its server, and `restore` makes a database of a copy."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

from command_line import PROGRAM, tallystick
from keyastrom_calls import post
from server_process import ServerProcess, StartServer
from tallystick.store.backup import NoBackup, back_up

LARGE = {f"filling {number}": "x" * 4_000 for number in range(100)}


def send(server: ServerProcess, title: str) -> str:
    """Send an event; return its title once it is acknowledged."""
    event = {"eventType": "CUSTOM_INFO", "title": title, "properties": LARGE}
    assert post(server, event).status_code == 201
    return title


def titles(database: Path) -> set[str]:
    """Return the titles of the events in a database."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT data FROM events").fetchall()
    return {json.loads(data)["title"] for (data,) in rows}


def backed_up(database: Path, copy: Path) -> str:
    """Return what a backup that works prints."""
    ran = tallystick("backup", str(copy), "--database", f"sqlite:///{database}")
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def refusal(*arguments: str) -> str:
    """Return what a command says that could not run."""
    ran = tallystick(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    return ran.stderr.removeprefix("tallystick: ").strip()


@pytest.fixture
def used(start_server: StartServer) -> Path:
    """Return a database with one event, whose server is stopped."""
    server = start_server()
    send(server, "first")
    server.stop()
    return server.database


def test_a_copy_has_all_that_was_acknowledged_before_however_much_is_written(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    # Over 4 MB, so that the copy is made in several steps, between which the server writes.
    acknowledged = {send(server, f"before {number}") for number in range(15)}
    done = Event()

    def keep_writing() -> None:
        for number in count():
            if done.is_set():
                return
            send(server, f"beside {number}")

    writer = Thread(target=keep_writing)
    writer.start()
    try:
        backed_up(server.database, tmp_path / "copy.db")
    finally:
        done.set()
        writer.join()
    assert acknowledged <= titles(tmp_path / "copy.db")


def test_a_restored_copy_is_served_with_its_secrets(used: Path, tmp_path: Path) -> None:
    printed = backed_up(used, tmp_path / "copy.db")
    key = used.with_name(f"{used.name}.key")
    assert key.exists() == (str(key) in printed)
    (tmp_path / "new").mkdir()
    server = ServerProcess(folder=tmp_path / "new")
    url = f"sqlite:///{server.database}"
    restored = tallystick("restore", str(tmp_path / "copy.db"), "--database", url)
    assert restored.returncode == 0
    if key.exists():
        shutil.copy(key, server.database.with_name(f"{server.database.name}.key"))
    server.start()
    send(server, "second")
    assert server.stop() == 0
    assert titles(server.database) == {"first", "second"}


def test_a_copy_is_for_its_owner_alone_and_nothing_stands_beside_it(
    used: Path, tmp_path: Path
) -> None:
    (tmp_path / "copies").mkdir()
    copy = tmp_path / "copies" / "copy.db"
    backed_up(used, copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    refused = refusal("restore", str(copy), "--database", f"sqlite:///{used}")
    assert refused == f"{used} is there already: move it away first"
    assert [path.name for path in copy.parent.iterdir()] == ["copy.db"]


@pytest.mark.skipif(sys.platform == "win32", reason="it has no limit of a file's size")
def test_a_disk_without_room_leaves_nothing_behind(used: Path, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    copy = tmp_path / "copies" / "copy.db"
    words = [PROGRAM, "backup", str(copy), "--database", f"sqlite:///{used}"]
    limited = ["sh", "-c", 'ulimit -f 400; exec "$@"', "sh", *words]
    ran = subprocess.run(limited, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"tallystick: can't write {copy}: ")
    assert list(copy.parent.iterdir()) == []


def test_nothing_is_replaced(used: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("mine", encoding="utf-8")
    refused = refusal("backup", str(kept), "--database", f"sqlite:///{used}")
    assert refused == f"{kept} is there already: move it away first"
    assert kept.read_text(encoding="utf-8") == "mine"
    for end in ("wal", "journal"):
        log = tmp_path / f"lost.db-{end}"
        log.write_text("of another database", encoding="utf-8")
        to = f"sqlite:///{tmp_path / 'lost.db'}"
        assert refusal("restore", str(used), "--database", to).startswith(f"{log} is there already")
        log.unlink()


def test_of_two_backups_to_one_name_at_once_the_first_to_end_is_kept(
    used: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"

    def back_up_beside(_done: int, _total: int) -> None:
        if not copy.exists():
            backed_up(used, copy)

    with pytest.raises(NoBackup, match=r"copy\.db is there already: move it away"):
        back_up(used, copy, back_up_beside)
    assert titles(copy) == {"first"}
    assert list(tmp_path.glob("copy*")) == [copy]


def test_a_database_in_use_is_not_restored_to(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    backed_up(server.database, tmp_path / "copy.db")
    to = f"sqlite:///{server.database}"
    refused = refusal("restore", str(tmp_path / "copy.db"), "--database", to)
    assert refused == f"another tallystick process uses {server.database}"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite://", "a database in memory ends with its process: it has no backup"),
        (
            "postgresql://db.example.org/tallystick",
            "PostgreSQL has its own backup: use pg_dump, or an archive of its WAL",
        ),
    ],
)
def test_only_a_file_is_copied(url: str, reason: str, tmp_path: Path) -> None:
    assert refusal("backup", str(tmp_path / "copy.db"), "--database", url) == reason


def test_a_file_that_is_no_database_of_ours_is_refused(used: Path, tmp_path: Path) -> None:
    to = f"sqlite:///{tmp_path / 'new.db'}"
    text, other, newer, damaged = (tmp_path / name for name in ("text", "other", "newer", "bad"))
    text.write_text("hello", encoding="utf-8")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE others (id)")
    backed_up(used, newer)
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    backed_up(used, damaged)
    content = bytearray(damaged.read_bytes())
    content[-2 * 4096 :] = b"x" * 8192
    damaged.write_bytes(content)
    reasons = {path.name: refusal("restore", str(path), "--database", to) for path in
               (text, other, newer, damaged, tmp_path / "none")}  # fmt: skip
    assert reasons["text"] == f"{text} can't be read: file is not a database"
    assert reasons["other"] == f"{other} is no database of tallystick"
    assert reasons["newer"].startswith("the database has schema version 9999")
    assert reasons["bad"].startswith(f"{damaged} is damaged: ")
    assert reasons["none"] == f"there is no file {tmp_path / 'none'}"
    assert not (tmp_path / "new.db").exists()
    assert not list(tmp_path.glob("*.part*"))


@contextmanager
def waiting_backup(used: Path, copy: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a backup that has made its draft, and waits for the database until the block ends."""
    command = [PROGRAM, "backup", str(copy), "--database", f"sqlite:///{used}"]
    with closing(sqlite3.connect(used, isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode = DELETE")
        holder.execute("BEGIN EXCLUSIVE")
        backup = subprocess.Popen(command)
        while not list(copy.parent.glob(f"{copy.name}.*.part")):
            time.sleep(0.01)
        yield backup


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_backup_that_is_stopped_leaves_nothing(
    used: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with waiting_backup(used, tmp_path / "copy.db") as backup:
        backup.send_signal(number)
    assert backup.wait() == 128 + number
    assert not list(tmp_path.glob("copy*"))


def test_the_rest_of_a_killed_backup_goes_with_the_next_and_that_of_a_running_one_stays(
    used: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    with waiting_backup(used, folder / "killed.db") as killed:
        killed.kill()
        killed.wait()
    [left] = folder.glob("*.part")
    left.with_name(f"{left.name}-journal").touch()
    foreign = folder / f"film.{'0' * 16}.part"
    foreign.touch()
    other = tmp_path / "other.db"
    backed_up(used, other)
    with waiting_backup(used, folder / "running.db") as running:
        assert not list(folder.glob("killed*"))
        backed_up(other, folder / "copy.db")
        assert len(list(folder.glob("running.db.*.part"))) == 1
    assert running.wait() == 0
    assert {path.name for path in folder.iterdir()} == {"copy.db", "running.db", foreign.name}


def test_a_folder_may_have_a_name_in_any_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TALLYSTICK_DATABASE", "sqlite:///a.db")
    for words in ("keys list", "check", "backup b.db", "restore b.db --database sqlite:///c.db"):
        ran = tallystick(*words.split(), TALLYSTICK_PORT="0")
        assert ran.returncode == 0, ran.stderr
