"""`events` shows, counts, exports and imports, beside a running server too."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from command_line import PROGRAM, tallystick
from keyastrom_calls import post
from server_process import ServerProcess, StartServer


def url(server: ServerProcess) -> str:
    return f"sqlite:///{server.database}"


def send(server: ServerProcess, title: str) -> None:
    assert post(server, {"eventType": "CUSTOM_INFO", "title": title}).status_code == 201


def titles(lines: str) -> list[str]:
    return [json.loads(line)["data"]["title"] for line in lines.splitlines()]


def a_line(**members: object) -> str:
    line = {"specversion": "1.0", "id": "1", "source": "/crm", "type": "t"}
    return json.dumps(line | {"time": "2026-01-31T08:00:00Z"} | members) + "\n"


def run(*arguments: str) -> tuple[int, str, str]:
    ran = tallystick("events", *arguments)
    return ran.returncode, ran.stdout, ran.stderr


@pytest.fixture
def used(start_server: StartServer) -> ServerProcess:
    """A running server with two events."""
    server = start_server()
    send(server, "first")
    send(server, "second")
    return server


def test_an_export_beside_a_server_comes_back_in_another_database(
    used: ServerProcess, tmp_path: Path
) -> None:
    file, again = tmp_path / "events.jsonl", tmp_path / "again.jsonl"
    assert run("export", str(file), "--database", url(used)) == (0, "", "2 events exported\n")
    assert titles(file.read_text(encoding="utf-8")) == ["first", "second"]
    assert file.stat().st_mode & 0o777 == 0o600
    other = f"sqlite:///{tmp_path / 'other.db'}"
    code, _, said = run("import", str(file), "--database", other)
    assert (code, said.splitlines()[-1]) == (0, "2 events imported, 0 stored before, 0 refused")
    run("export", str(again), "--database", other)
    assert again.read_bytes() == file.read_bytes()


def test_an_export_goes_on_and_replaces_nothing(used: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    run("export", str(file), "--database", url(used))
    send(used, "third")
    code, _, said = run("export", str(file), "--database", url(used))
    assert code == 2
    assert said.endswith("exists: give --resume to go on after its last event\n")
    code, _, said = run("export", str(file), "--resume", "--database", url(used))
    assert (code, said) == (0, "1 events exported\n")
    assert titles(file.read_text(encoding="utf-8")) == ["first", "second", "third"]


def test_events_of_a_time_to_come_are_left_to_a_later_export(
    used: ServerProcess, tmp_path: Path
) -> None:
    lines, file = tmp_path / "lines.jsonl", tmp_path / "events.jsonl"
    lines.write_text(a_line(time="2099-01-01T00:00:00Z"), encoding="utf-8")
    run("import", str(lines), "--database", url(used))
    told = "1 events have a time to come: give --resume then\n"
    said = f"2 events exported\n{told}"
    assert run("export", str(file), "--database", url(used)) == (0, "", said)
    send(used, "third")
    said = f"1 events exported\n{told}"
    assert run("export", str(file), "--resume", "--database", url(used)) == (0, "", said)
    assert titles(file.read_text(encoding="utf-8")) == ["first", "second", "third"]


def test_a_place_that_keeps_nothing_is_told_in_words(used: ServerProcess) -> None:
    code, _, said = run("export", "/dev/null", "--resume", "--database", url(used))
    assert (code, said) == (2, "tallystick: /dev/null: Invalid argument\n")


def test_a_file_of_other_content_is_never_gone_on_with(used: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "diary"
    file.write_text("Dear diary", encoding="utf-8")
    code, _, said = run("export", str(file), "--resume", "--database", url(used))
    assert (code, said) == (2, f"tallystick: {file}: is no export of events\n")
    assert file.read_text(encoding="utf-8") == "Dear diary"


def test_refused_lines_are_told_and_the_others_stored(used: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text(a_line() + "bad\n\n" + a_line(id="2", api="shop"), encoding="utf-8")
    code, _, said = run("import", str(file), "--database", url(used))
    assert code == 1
    assert said.splitlines() == [
        "tallystick: line 2: is not JSON: expecting value at line 1, column 1",
        "2 events imported, 0 stored before, 1 refused",
    ]
    assert run("count", "--api", "shop", "--database", url(used)) == (0, "1\n", "")
    assert run("count", "--to", "2026-02-01T00:00:00Z", "--database", url(used)) == (0, "2\n", "")


def test_data_as_deep_as_the_apis_take_is_imported(used: ServerProcess, tmp_path: Path) -> None:
    known = '"specversion":"1.0","id":"deep","source":"/event_store/a","type":"t"'
    (tmp_path / "deep.jsonl").write_text('{"data":' + "[" * 998 + "]" * 998 + f",{known}}}")
    code, _, said = run("import", str(tmp_path / "deep.jsonl"), "--database", url(used))
    assert (code, said.splitlines()[-1]) == (0, "1 events imported, 0 stored before, 0 refused")


def test_streams_stand_for_files(used: ServerProcess, tmp_path: Path) -> None:
    code, lines, _ = run("export", "-", "--database", url(used))
    assert (code, titles(lines)) == (0, ["first", "second"])
    ran = subprocess.run(
        [PROGRAM, "events", "import", "-", "--database", f"sqlite:///{tmp_path / 'new.db'}"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr.endswith("2 events imported, 0 stored before, 0 refused\n")


def test_an_export_that_nobody_takes_to_the_end_is_exit_code_2(used: ServerProcess) -> None:
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [PROGRAM, "events", "export", "-", "--database", url(used)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == 2
    assert ran.stderr == "tallystick: standard output: No space left on device\n"


@pytest.mark.parametrize("command", ["tail", "count", "export events.jsonl"])
def test_nothing_is_read_from_a_database_that_is_not_there(command: str, tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    code, _, said = run(*command.split(), "--database", f"sqlite:///{missing}")
    assert (code, said) == (
        2,
        f"tallystick: there is no database {missing}: name another with --database\n",
    )
    assert not missing.exists()


@pytest.fixture
def tail() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `events tail`, and end it after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, stdout: int = subprocess.PIPE, **env: str) -> subprocess.Popen[str]:
        command = [PROGRAM, "events", "tail", *arguments]
        process = subprocess.Popen(
            command, stdout=stdout, stderr=subprocess.PIPE, text=True, env={**os.environ, **env}
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def first_line(tail: Callable[..., subprocess.Popen[str]], *arguments: str, **env: str) -> bytes:
    """Return what a terminal gets until the end of the first line."""
    reader, terminal = pty.openpty()
    tail(*arguments, stdout=terminal, **{"TERM": "xterm-256color", **env})
    shown = b""
    while b"\n" not in shown and select.select([reader], [], [], 30)[0]:
        shown += os.read(reader, 4096)
    for end in (reader, terminal):
        os.close(end)
    return shown


def test_a_tail_tells_each_new_event_and_ends_by_ctrl_c(
    used: ServerProcess, tail: Callable[..., subprocess.Popen[str]]
) -> None:
    process = tail("--last", "1", "--database", url(used))
    assert process.stdout is not None
    assert titles(process.stdout.readline()) == ["second"]
    send(used, "third")
    assert titles(process.stdout.readline()) == ["third"]
    process.send_signal(signal.SIGINT)
    rest, error = process.communicate(timeout=10)
    assert (process.returncode, rest, error) == (0, "", "")


def test_a_tail_ends_when_nobody_reads_it(
    used: ServerProcess, tail: Callable[..., subprocess.Popen[str]]
) -> None:
    process = tail("--last", "1", "--database", url(used))
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert (process.stderr.read(), process.wait(timeout=10)) == ("", 0)


def test_a_terminal_has_colours_unless_somebody_wants_none(
    used: ServerProcess, tail: Callable[..., subprocess.Popen[str]]
) -> None:
    for env, has_colours in (({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False)):
        shown = first_line(tail, "--database", url(used), **env)
        assert b"CUSTOM_INFO" in shown
        assert bool(re.search(rb"\x1b\[[0-9;]*3[0-9]", shown)) == has_colours


def test_a_terminal_shows_an_event_on_a_line_without_commands_to_it(
    start_server: StartServer, tail: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    server = start_server()
    file = tmp_path / "lines.jsonl"
    file.write_text(a_line(subject="\x1b[2Jgone", data={"n": "x" * 900}), encoding="utf-8")
    run("import", str(file), "--database", url(server))
    shown = first_line(tail, "--database", url(server))
    assert b"2026-01-31T08:00:00.000Z" in shown
    assert b"\x1b[2J" not in shown
    assert shown.count(b"x") < 200
