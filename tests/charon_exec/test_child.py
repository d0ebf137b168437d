"""The command's output, signals and end are its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from charon_runs import Cron, environment


@pytest.mark.parametrize("code", [1, 3, 255])
def test_the_exit_code_is_the_command_s(cron: Cron, code: int) -> None:
    assert cron.run("sh", "-c", f"exit {code}").returncode == code
    assert cron.execution()["success"] is False
    assert cron.said("error") == [f"exit code {code}"]


def test_a_command_that_a_signal_ends_has_the_exit_code_of_a_shell(cron: Cron) -> None:
    assert cron.run("sh", "-c", "kill -KILL $$").returncode == 128 + signal.SIGKILL
    assert cron.said("error") == ["ended by SIGKILL"]


@pytest.mark.parametrize(
    ("command", "code"), [("no-such-command", 127), ("/etc/passwd", 126), ("/", 126)]
)
def test_what_can_t_be_run_is_a_failed_execution(cron: Cron, command: str, code: int) -> None:
    done = cron.run(command)
    assert done.returncode == code
    assert done.stderr.startswith(f"tallystick: {command}: ".encode())
    assert cron.execution()["success"] is False


def test_arguments_and_input_are_the_command_s_own(cron: Cron) -> None:
    shown = subprocess.run(
        cron.command("sh", "-c", 'cat; printf "%s|" "$@"', "sh", "--url", "--", "a b", "-x"),
        env=environment(),
        input=b"given\n",
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert shown.stdout == b"given\n--url|--|a b|-x|"


def test_every_byte_passes_through(cron: Cron, tmp_path: Path) -> None:
    content = os.urandom(3_000_000) + b"\n" + bytes(range(256))
    (tmp_path / "file").write_bytes(content)
    done = cron.run("sh", "-c", f"cat {tmp_path}/file; cat {tmp_path}/file >&2")
    assert (done.stdout, done.stderr) == (content, content)


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1], ids=lambda n: n.name
)
def test_signals_are_passed_on(cron: Cron, number: signal.Signals) -> None:
    name = number.name.removeprefix("SIG")
    script = f"trap 'echo got {name}; exit 7' {name}; echo ready; while :; do sleep 0.05; done"
    process = cron.start("bash", "-c", script)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (7, f"got {name}\n".encode())
    assert cron.said() == ["ready", f"got {name}"]


def test_a_command_that_a_passed_signal_ends_is_ended_by_it(cron: Cron) -> None:
    process = cron.start("sh", "-c", "echo ready; exec sleep 60")
    assert process.stdout is not None
    process.stdout.readline()
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert cron.said("error") == ["ended by SIGTERM"]


def test_when_nobody_reads_its_output_the_command_is_told(cron: Cron) -> None:
    process = cron.start("sh", "-c", "yes; echo $? >&2")
    assert process.stdout is not None
    assert process.stdout.readline() == b"y\n"
    process.stdout.close()
    assert process.wait(30) == 0
    assert process.stderr is not None
    assert b"141\n" in process.stderr.read()  # 128 + SIGPIPE
    process.stderr.close()


def test_a_slow_reader_gets_everything(cron: Cron) -> None:
    process = cron.start("seq", "1", "30000")
    assert process.stdout is not None
    time.sleep(3)
    assert len(process.stdout.read().splitlines()) == 30_000
    assert process.wait(30) == 0
    process.communicate()


def test_what_a_command_leaves_behind_does_not_hold_it_up(cron: Cron) -> None:
    started = time.monotonic()
    assert cron.run("sh", "-c", "sleep 30 & echo done").stdout == b"done\n"
    assert time.monotonic() - started < 10
