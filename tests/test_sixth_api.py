"""A sixth API is new files: nothing of the program names the five."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from server_process import ServerProcess

ROOT = Path(__file__).parent.parent
SIXTH = Path(__file__).with_name("sixth_api")
PACKAGES: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "tool"
]["setuptools"]["package-dir"]
KEY = {"X-Lighthouse-Key": "dev-lighthouse-key"}
LIGHT = {"lighthouse": "cordouan", "colour": "red"}


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with six APIs, in a folder of its own."""
    folder = tmp_path_factory.mktemp("six")
    for package, source in PACKAGES.items():
        into = folder / package.replace(".", "/")
        shutil.copytree(ROOT / source, into, dirs_exist_ok=True)
        before = {file for file in into.rglob("*") if file.is_file()}
        if (SIXTH / source).exists():
            added = _files(SIXTH / source)
            assert not {into / name for name in added} & before
            shutil.copytree(SIXTH / source, into, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def six(laid: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of all six."""
    server = ServerProcess(folder=tmp_path_factory.mktemp("server"), env=_path(laid)).start()
    yield server
    server.stop()


def test_a_sixth_api_keeps_its_events_and_is_in_the_reference(six: ServerProcess) -> None:
    shown = requests.post(f"{six.url}/lights", json=LIGHT, headers=KEY, timeout=10)
    assert shown.status_code == 201
    event = requests.get(
        f"{six.url}/gateway/v1/events/{shown.json()['id']}",
        headers={"Authorization": "Bearer dev-gateway-key"},
        timeout=10,
    ).json()
    assert (event["source"], event["type"], event["data"]) == ("/lighthouse/cordouan", "red", LIGHT)
    assert "Show a light" in requests.get(f"{six.url}/docs", timeout=10).text
    assert "showLight" in requests.get(f"{six.url}/openapi.yaml", timeout=10).text


def test_a_mock_of_a_sixth_api_answers_as_it_is_asked_to(laid: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tallystick", "mock", "--port", "0"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env={**os.environ, **_path(laid)}
    ) as mock:
        assert mock.stderr
        url = next(line for line in mock.stderr if "listening on" in line).split()[-1]
        chosen = requests.post(
            f"{url}/lights", json=LIGHT, headers={**KEY, "Prefer": "code=503"}, timeout=10
        )
        kept = requests.post(f"{url}/lights", json=LIGHT, headers=KEY, timeout=10)
        mock.terminate()
    assert chosen.status_code == 503
    assert kept.status_code == 201


def test_verify_judges_a_sixth_api_by_every_suite(
    six: ServerProcess, laid: Path, tmp_path: Path
) -> None:
    run = _tallystick(
        laid, tmp_path, "verify", six.url, "--api", "lighthouse", "--report", "html=report.html"
    )
    assert run.returncode == 0, run.stdout + run.stderr
    for suite in ("vector", "bytes", "log", "fuzz", "coverage"):
        assert f"lighthouse  {suite}" in run.stdout, run.stdout
    assert "what POST /lights accepts is kept" in (tmp_path / "report.html").read_text()


def test_verify_says_what_a_sixth_api_does_wrong(
    six: ServerProcess, laid: Path, tmp_path: Path
) -> None:
    wrong = ("--credential", "lighthouse.key=wrong")
    run = _tallystick(laid, tmp_path, "verify", six.url, "--api", "lighthouse", *wrong)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "failed  lighthouse vector: A light is shown" in run.stdout
    assert "vector: contract_tests/vectors/lighthouse/lights.yaml:5" in run.stdout


def test_diff_compares_a_sixth_api(laid: Path, tmp_path: Path) -> None:
    new = SIXTH / "openapi" / "lighthouse.yaml"
    old = tmp_path / "lighthouse.yaml"
    text = new.read_text(encoding="utf-8")
    old.write_text(text.replace("security:\n  - lighthouseKey: []", "security: []"))
    run = _tallystick(laid, tmp_path, "diff", str(old), str(new))
    assert run.returncode == 1, run.stdout + run.stderr
    assert "POST /lights" in run.stdout


def test_clients_of_a_sixth_api_are_written(laid: Path, tmp_path: Path) -> None:
    if shutil.which("java") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("this machine has no Java")
    run = _tallystick(laid, tmp_path, "clients", "python", "--api", "lighthouse", "--out", "out")
    assert run.returncode == 0, run.stdout + run.stderr
    client = tmp_path / "out" / "lighthouse_client" / "client.py"
    assert "def show_light(" in client.read_text(encoding="utf-8")


@pytest.mark.parametrize("options", [(), ("--connexion",), ("--mock",)])
def test_the_vectors_of_a_sixth_api_are_tests_like_all_others(
    options: tuple[str, ...], laid: Path, tmp_path: Path
) -> None:
    suite = laid / "tallystick" / "contract_tests"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    command += ["--import-mode=importlib", "-k", "lighthouse", str(suite / "test_vectors.py")]
    command += [str(suite / "test_wire.py"), str(suite / "test_api_facts.py")]
    env = {**os.environ, **_path(laid)}
    run = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=env, timeout=300, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def _tallystick(laid: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tallystick", *options],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **_path(laid)},
        timeout=300,
        check=False,
    )


def _path(laid: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(laid)}


def _files(folder: Path) -> set[Path]:
    return {file.relative_to(folder) for file in folder.rglob("*") if file.is_file()}
