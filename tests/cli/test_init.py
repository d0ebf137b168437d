"""`init` makes a folder from which `serve` starts, and its key opens the service."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import requests

from command_line import PROGRAM, tallystick
from server_process import READY


def initialised(folder: Path) -> str:
    """Initialise a folder; return the secret of its key."""
    ran = tallystick("init", str(folder))
    assert ran.returncode == 0
    assert ran.stderr == f"tallystick: making the database {folder / 'tallystick.db'}\n"
    [secret] = [
        line.partition("now: ")[2] for line in ran.stdout.splitlines() if "shown only now" in line
    ]
    assert ran.stdout.splitlines()[-1].endswith(
        f"'Authorization: Bearer {secret}' http://127.0.0.1:8080/gateway/v1/events"
    )
    return secret


def test_the_folder_is_served_as_its_file_says(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "service"
    secret = initialised(folder)
    file = folder / "tallystick.env"
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text(file.read_text().replace("PORT=8080", "PORT=0"))
    server = subprocess.Popen([PROGRAM, "serve"], cwd=folder, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr
        ready = next(match for line in server.stderr if (match := READY.match(line)))
        answer = requests.get(
            f"{ready[1]}/gateway/v1/events",
            headers={"Authorization": f"Bearer {secret}"},
            timeout=10,
        )
        assert answer.status_code == 200
    finally:
        server.terminate()
        server.communicate()


def test_a_wrong_variable_is_told_before_anything_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    ran = tallystick("init", str(folder), TALLYSTICK_SECRET_KEY="too-short")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "tallystick: TALLYSTICK_SECRET_KEY: a key has 32 characters or more\n"
    assert not folder.exists()


def test_the_way_into_the_folder_can_be_pasted(tmp_path: Path) -> None:
    ran = tallystick("init", str(tmp_path / "a b"))
    assert f"  cd '{tmp_path}/a b'" in ran.stdout.splitlines()


def test_all_is_in_the_folder_whatever_its_name_is(tmp_path: Path) -> None:
    folder = tmp_path / "what?a%20b#c"
    initialised(folder)
    assert {file.name for file in folder.iterdir()} >= {"tallystick.env", "tallystick.db"}


def test_the_settings_of_another_folder_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tallystick.env").write_text("no setting")
    monkeypatch.chdir(tmp_path)
    initialised(tmp_path / "new")


def test_nothing_is_replaced(tmp_path: Path) -> None:
    initialised(tmp_path)
    ran = tallystick("init", str(tmp_path))
    assert ran.returncode == 2
    assert ran.stderr == f"tallystick: {tmp_path / 'tallystick.db'} is there already\n"
    (tmp_path / "tallystick.db").unlink()
    ran = tallystick("init", str(tmp_path))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"tallystick: {tmp_path / 'tallystick.env'} is there already\n"


def test_what_is_no_folder_is_said_to_be_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    for name in ("fifo", "link"):
        ran = tallystick("init", str(tmp_path / name))
        assert ran.returncode == 2
        assert ran.stderr == f"tallystick: {tmp_path / name} is there already, and is no folder\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff", "can't read tallystick.env: it is not UTF-8"),
        (b"TALLYSTICK_PROT=1", "TALLYSTICK_PROT is no setting; did you mean TALLYSTICK_PORT?"),
        (b"TALLYSTICK_SEED=1", "TALLYSTICK_SEED is no setting of the service"),
        (b"OTHER_PORT=1", "OTHER_PORT is no setting\n"),
        (b"TALLYSTICK_PORT=x", "TALLYSTICK_PORT: give a whole number from 0 to 65535"),
    ],
)
def test_a_wrong_line_of_the_file_is_told(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "tallystick.env").write_bytes(content)
    ran = subprocess.run(
        [PROGRAM, "serve"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"tallystick: {reason}")


def test_a_service_without_a_key_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "tallystick.env").write_text("TALLYSTICK_PORT=0\n")
    server = subprocess.Popen([PROGRAM, "serve"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr
        lines = []
        for line in server.stderr:
            lines.append(line.strip())
            if READY.match(line):
                break
        assert (
            "no key is known yet: make one by `tallystick keys create API`, while this goes on"
            in lines
        )
    finally:
        server.terminate()
        server.communicate()
