"""On a uvicorn that was not verified its own protocol answers, and the server says so once."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import uvicorn

from server_process import StartServer
from tallystick.mock.client import Tallystick
from tallystick.uvicorn_version import VERIFIED

ROOT = Path(__file__).parent.parent
EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}
KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}


@pytest.fixture(scope="module")
def older() -> str:
    """The folder of uvicorn 0.34.3, which `make` fetches once."""
    subprocess.run(["make", "-s", "build/uvicorn-older"], cwd=ROOT, check=True)
    return str(ROOT / "build" / "uvicorn-older")


def test_the_version_that_is_installed_is_verified() -> None:
    assert uvicorn.__version__ in VERIFIED


def test_a_verified_version_is_taken_in_silence(start_server: StartServer) -> None:
    server = start_server()
    assert requests.post(f"{server.url}/create", json=EVENT, headers=KEY, timeout=10).ok
    assert "verified" not in server.stderr


def test_a_version_that_was_not_verified_answers_and_is_told_of_once(
    start_server: StartServer, older: str
) -> None:
    server = start_server(PYTHONPATH=older)
    with requests.Session() as session:
        for _ in range(3):
            answer = session.post(f"{server.url}/create", json=EVENT, headers=KEY, timeout=10)
            assert answer.json()["message"] == "Event created successfully"
    [warning] = [line for line in server.stderr.splitlines() if "verified" in line]
    assert "uvicorn 0.34.3 was not verified" in warning
    assert uvicorn.__version__ in warning


def test_the_mocks_faults_work_on_it_too(
    start_tallystick: Callable[..., Tallystick], older: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", older)
    mock = start_tallystick()
    mock.fail_next("createEvent", fault="reset")

    with pytest.raises(requests.ConnectionError, match="reset"):
        requests.post(f"{mock.url}/create", json=EVENT, headers=KEY, timeout=10)
    assert requests.post(f"{mock.url}/create", json=EVENT, headers=KEY, timeout=10).ok
