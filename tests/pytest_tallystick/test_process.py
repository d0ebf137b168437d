"""The process of a mock: it starts in time or says why not; others reach it only when told so."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

import pytest
import requests
from tallystick.pytest_tallystick import process
from tallystick.pytest_tallystick.program import Program

from tallystick.mock.client import Tallystick
from tallystick.mock.process import MockProcess, NotStarted

Start = Callable[..., Tallystick]

GATEWAY = {"Authorization": "Bearer dev-gateway-key"}


def test_others_may_reach_it_only_when_told_so(start_tallystick: Start) -> None:
    with pytest.raises(NotStarted, match="--allow-remote"):
        start_tallystick("--host", "0.0.0.0")

    mock = start_tallystick("--host", "0.0.0.0", "--allow-remote")
    sink = {"sink": "http://127.0.0.1:1/"}
    url = f"{mock.url}/gateway/v1/subscriptions".replace("0.0.0.0", "127.0.0.1")
    assert requests.post(url, json=sink, headers=GATEWAY, timeout=10).status_code == 400


def test_a_start_that_fails_says_why() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(NotStarted, match=f"can't listen on 127.0.0.1:{port}: Address already"):
            MockProcess("--port", port)


def test_a_start_without_an_end_is_ended_with_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = ["/bin/sh", "-c", "echo loading $$ >&2; exec sleep 600"]
    monkeypatch.setattr(process, "find_program", lambda _: Program(endless, start_s=3.0))
    with pytest.raises(NotStarted, match="did not listen within 3 s") as failed:
        MockProcess()
    word, pid = str(failed.value).splitlines()[0].split()
    assert word == "loading"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
