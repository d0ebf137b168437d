"""Charon is called until it answers, or it is said to be away."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from charon_runs import Cron


def test_a_key_that_no_header_can_have_is_not_shown(cron: Cron) -> None:
    done = cron.run("echo", "ran", env={"TALLYSTICK_CHARON_KEY": "se\ncret"})
    assert (done.returncode, done.stdout) == (0, b"ran\n")
    assert b"runs unwatched: the API key can't be sent in a header" in done.stderr
    assert b"cret" not in done.stderr


@pytest.mark.parametrize(
    "url",
    ["nonsense", "http://", "http://127.0.0.1:99999", "http://127.0.0.1:0", "http://[", "ftp://h"],
)
def test_a_url_that_is_none_is_charon_away(cron: Cron, url: str) -> None:
    assert cron.run("echo", "ran", url=url).stdout == b"ran\n"


def test_with_a_wrong_key_the_command_runs_unwatched(cron: Cron) -> None:
    done = cron.run("echo", "ran", env={"TALLYSTICK_CHARON_KEY": "wrong"})
    assert (done.returncode, done.stdout) == (0, b"ran\n")
    assert "runs unwatched: Clé d'API manquante ou invalide." in done.stderr.decode()


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
    # The lease is renewed beside.
    assert [path for path in _Throttling.seen if not path.endswith("/lease")] == [
        *[f"/api/{cron.slug}/can-start"] * 2,
        *["/api/1/start"] * 2,
        *["/api/1/end"] * 2,
    ]
