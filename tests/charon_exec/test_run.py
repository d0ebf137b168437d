"""`tallystick charon exec` with a real server and real commands."""

from __future__ import annotations

from charon_runs import Cron
from server_process import ServerProcess
from tallystick.charon_exec.report import LEASE_S
from tallystick.mock.client import Tallystick


def test_a_command_runs_as_an_execution(cron: Cron) -> None:
    done = cron.run("sh", "-c", "echo out; echo err >&2; printf last")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"out\nlast", b"err\n")
    assert cron.execution()["success"] is True
    assert cron.said() == ["out", "last"]
    assert cron.said("warning") == ["err"]
    assert cron.said("success") == ["exit code 0"]
    assert cron.execution()["exitCode"] == 0


def test_a_cron_that_is_not_active_does_not_run(server: ServerProcess) -> None:
    paused = Cron(server, active=False)
    done = paused.run("echo", "ran")
    assert (done.returncode, done.stdout) == (75, b"")
    assert done.stderr.decode().endswith("was not started: the cron is not active\n")
    assert paused.executions() == []


def test_a_cron_that_must_not_overlap_does_not_run_twice(server: ServerProcess) -> None:
    alone = Cron(server, overlap=False)
    first = alone.start("sh", "-c", "echo ready; sleep 60")
    assert first.stdout is not None
    first.stdout.readline()
    second = alone.run("echo", "ran")
    first.terminate()
    first.communicate(timeout=30)
    assert (second.returncode, second.stdout) == (75, b"")
    assert "Une exécution du cron est déjà en cours." in second.stderr.decode()


def test_without_charon_the_command_runs_all_the_same(cron: Cron, nowhere: str) -> None:
    done = cron.run("sh", "-c", "echo ran; exit 4", url=nowhere)
    assert (done.returncode, done.stdout) == (4, b"ran\n")
    assert b"runs unwatched: can't reach" in done.stderr


def test_a_strict_run_needs_charon(cron: Cron, nowhere: str) -> None:
    done = cron.run("echo", "ran", options=["--strict"], url=nowhere)
    assert (done.returncode, done.stdout) == (69, b"")
    assert b"was not started: can't reach" in done.stderr


def test_a_missing_key_is_named(cron: Cron) -> None:
    done = cron.run("echo", "ran", env={"TALLYSTICK_CHARON_KEY": ""})
    assert (done.returncode, done.stdout) == (0, b"ran\n")
    assert b"set TALLYSTICK_CHARON_KEY, or give --key" in done.stderr
    strict = cron.run("echo", "ran", options=["--strict"], env={"TALLYSTICK_CHARON_KEY": ""})
    assert (strict.returncode, strict.stdout) == (69, b"")


def test_a_quiet_run_sends_its_output_to_charon_alone(cron: Cron, nowhere: str) -> None:
    done = cron.run("sh", "-c", "echo out; echo err >&2", options=["--quiet"])
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (cron.said(), cron.said("warning")) == (["out"], ["err"])
    away = cron.run("echo", "out", options=["--quiet"], url=nowhere)
    assert away.stdout == b"out\n"


def test_a_killed_run_is_lost_when_its_lease_ends(tallystick: Tallystick) -> None:
    cron = Cron(tallystick)
    process = cron.start("sh", "-c", "echo ready; exec sleep 60")
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    tallystick.verify("renewLease", times=1, within="10s")
    process.kill()
    process.communicate(timeout=30)
    tallystick.advance(f"{LEASE_S}s")
    cron.wait_until(lambda: cron.execution()["state"] == "lost")
    assert cron.execution()["success"] is False
