"""`tallystick charon exec` with a real server and real commands."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from server_process import ServerProcess, StartServer

KEY = "dev-charon-key"
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
PATIENCE_S = 15.0


class Cron:
    """A cron of the test's own, and commands that run as it."""

    def __init__(self, server: ServerProcess, **config: Any) -> None:
        self.server = server
        self.slug = f"c-{uuid.uuid4()}"
        self._call("POST", "", json={"slug": self.slug, **config})

    def command(
        self, *command: str, options: Sequence[str] = (), url: str | None = None
    ) -> list[str]:
        own = [sys.executable, "-m", "tallystick", "charon", "exec", self.slug]
        return [*own, "--url", url or self.server.url, *options, "--", *command]

    def run(
        self,
        *command: str,
        options: Sequence[str] = (),
        url: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self.command(*command, options=options, url=url),
            env=environment() | dict(env or {}),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )

    def start(self, *command: str, **more: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*command),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            **more,
        )

    def executions(self) -> list[dict[str, Any]]:
        found = self._call("GET", f"/{self.slug}/executions?messages=1000")
        return list(found["executions"])

    def execution(self) -> dict[str, Any]:
        [only] = self.executions()
        return only

    def said(self, type_: str = "info") -> list[str]:
        messages = self.execution()["messages"]
        found = [m["message"] for m in messages if m["type"] == type_]
        return "\n".join(found).split("\n") if found else []

    def wait_until(self, is_so: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline, "it never was so"
            time.sleep(0.02)

    def _call(self, method: str, path: str, **more: Any) -> Any:
        url = f"{self.server.url}/gateway/v1/crons{path}"
        reply = requests.request(method, url, headers=GATEWAY, timeout=10, **more)
        assert reply.ok, reply.text
        return reply.json()


def environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("TALLYSTICK_")}
    return own | {"TALLYSTICK_CHARON_KEY": KEY}


@pytest.fixture
def cron(server: ServerProcess) -> Cron:
    return Cron(server)


@pytest.fixture
def nowhere() -> str:
    """A URL at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def test_a_command_runs_as_an_execution(cron: Cron) -> None:
    done = cron.run("sh", "-c", "echo out; echo err >&2; printf last")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"out\nlast", b"err\n")
    assert cron.execution()["success"] is True
    assert cron.said() == ["out", "last"]
    assert cron.said("warning") == ["err"]
    assert cron.said("success") == ["exit code 0"]


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


def test_lines_are_sent_while_the_command_runs(cron: Cron) -> None:
    process = cron.start("sh", "-c", "echo first; read nothing < /dev/zero; sleep 60")
    try:
        cron.wait_until(lambda: cron.executions() and cron.said() == ["first"])
        assert cron.execution()["ended"] is None
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_many_lines_are_few_messages_and_all_of_them(cron: Cron) -> None:
    started = time.monotonic()
    assert cron.run("seq", "1", "50000").returncode == 0
    assert cron.said() == [str(n) for n in range(1, 50_001)]
    assert cron.execution()["messageCount"] < 500
    assert time.monotonic() - started < 15


def test_a_line_over_the_limit_is_sent_in_pieces(cron: Cron) -> None:
    cron.run("sh", "-c", "head -c 200000 /dev/zero | tr '\\0' 'x'; echo")
    texts = [m["message"] for m in cron.execution()["messages"] if m["type"] == "info"]
    assert [len(text) for text in texts] == [65_536, 65_536, 65_536, 3_392]


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


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://127.0.0.1:99999"])
def test_a_url_that_is_none_is_charon_away(cron: Cron, url: str) -> None:
    assert cron.run("echo", "ran", url=url).stdout == b"ran\n"


def test_with_a_wrong_key_the_command_runs_unwatched(cron: Cron) -> None:
    done = cron.run("echo", "ran", env={"TALLYSTICK_CHARON_KEY": "wrong"})
    assert (done.returncode, done.stdout) == (0, b"ran\n")
    assert "runs unwatched: Clé d'API manquante ou invalide." in done.stderr.decode()


def test_charon_is_found_by_its_settings(cron: Cron) -> None:
    own = [sys.executable, "-m", "tallystick", "charon", "exec", cron.slug, "--", "echo", "ran"]
    env = environment() | {"TALLYSTICK_URL": cron.server.url}
    subprocess.run(own, env=env, check=True, capture_output=True, timeout=60)
    assert cron.said() == ["ran"]


def test_a_server_that_restarts_is_waited_for(start_server: StartServer, nowhere: str) -> None:
    # The last of two options counts: here, a port that is the same after the restart.
    server = start_server("--port", nowhere.rpartition(":")[2])
    cron = Cron(server)
    process = cron.start("sh", "-c", "for n in 1 2 3 4 5 6; do echo $n; sleep 0.5; done")
    cron.wait_until(lambda: cron.executions() and cron.said()[:1] == ["1"])
    server.kill()
    time.sleep(1)
    server.start()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, b"1\n2\n3\n4\n5\n6\n")
    assert b"messages wait: " in err
    assert sorted(set(cron.said())) == ["1", "2", "3", "4", "5", "6"]
    assert cron.execution()["success"] is True


def test_a_server_that_goes_away_for_good_costs_no_exit_code(start_server: StartServer) -> None:
    server = start_server()
    cron = Cron(server)
    process = cron.start("sh", "-c", "echo 1; sleep 1; echo 2; exit 5")
    assert process.stdout is not None
    process.stdout.readline()
    server.kill()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 5
    assert b"the last messages were not sent" in err
    assert b"charon was not told of the end" in err


def test_a_second_signal_gives_the_telling_up(start_server: StartServer) -> None:
    server = start_server()
    cron = Cron(server)
    process = cron.start("sh", "-c", "echo 1; sleep 1; exit 5")
    assert process.stdout is not None
    process.stdout.readline()
    server.kill()
    started = time.monotonic()
    time.sleep(3)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 5
    assert time.monotonic() - started < 10


class _Throttling(BaseHTTPRequestHandler):
    """Lets every call through at its second try."""

    seen: list[str]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer()

    def _answer(self) -> None:
        self.seen.append(self.path)
        is_first = self.seen.count(self.path) == 1
        body = b"{}" if is_first else b'{"canStart":true,"id":1,"slug":"x"}'
        self.send_response(503 if is_first else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_server_that_is_overloaded_is_asked_again(cron: Cron) -> None:
    _Throttling.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Throttling) as busy:
        threading.Thread(target=busy.serve_forever).start()
        done = cron.run("true", url=f"http://127.0.0.1:{busy.server_port}")
        busy.shutdown()
    assert done.returncode == 0
    assert _Throttling.seen == [
        *[f"/api/{cron.slug}/can-start"] * 2,
        *["/api/1/start"] * 2,
        *["/api/1/end"] * 2,
    ]
