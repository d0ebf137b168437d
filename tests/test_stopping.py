"""A process that is told to stop ends within its ten seconds, whatever is under way."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from server_process import StartServer

BUSY = """
import uvloop
from tallystick import server

server.SHUTDOWN_S = 1


async def main():
    server.stop_in_time(lambda: None)
    print("ready", flush=True)
    while True:
        pass


uvloop.run(main())
"""

# A finder that acts as Ctrl-C while the program imports the module.
AT_IMPORT = """
import signal, sys

interrupted = sys.argv.pop(1)


class Finder:
    def find_spec(self, name, path, target=None):
        if name == interrupted:
            signal.raise_signal(signal.SIGINT)


sys.meta_path.insert(0, Finder())
signal.signal(signal.SIGINT, signal.default_int_handler)
from tallystick.__main__ import main

main()
"""


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("tallystick.cli", "serve --port 0"),
        ("tallystick.cli.output", "worker"),
        ("tallystick.charon_exec.command", "charon exec slug -- true"),
    ],
)
def test_ctrl_c_during_an_import_ends_the_command_without_a_word(module: str, line: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", AT_IMPORT, module, *line.split()],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_a_loop_that_never_rests_is_ended(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BUSY], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"in main" in said


def test_further_signals_put_the_end_off_by_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        for _ in range(100):
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
        was_ended = process.returncode
        process.kill()
    assert was_ended == 1


def test_a_request_that_never_ends_is_a_408_at_the_end(start_server: StartServer) -> None:
    server = start_server()
    parts = urlsplit(server.url)
    head = b"POST /create HTTP/1.1\r\nHost: x\r\nx-api-key: XXX1XX12XxxxXXxxXXx0xXxx\r\n"
    with socket.create_connection((parts.hostname, parts.port), 30) as connection:
        connection.sendall(head + b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
        with socket.create_connection((parts.hostname, parts.port), 30) as idle:
            idle.sendall(head)
            assert server.stop() == 0
        assert connection.recv(65536).startswith(b"HTTP/1.1 408")
    assert "Traceback" not in server.stderr
