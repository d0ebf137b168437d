"""`tallystick clients`, as it is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from client_programs.builds import LANGUAGES
from tallystick.clients import ClientPackage, generate_packages

API = "event_store"


def tallystick(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Call the command."""
    return subprocess.run(
        [sys.executable, "-m", "tallystick", "clients", *arguments],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_contract_gives_the_same_bytes(language: str, made: Path, tmp_path: Path) -> None:
    generate_packages([ClientPackage(language, API, tmp_path)])
    again = files(tmp_path)
    kept = files(made / language / "made" / API)
    assert again == {name: kept[name] for name in again}
    assert "README.md" in again


@pytest.mark.usefixtures("made")  # that is skipped where there is no Java
def test_the_command_writes_a_package(tmp_path: Path) -> None:
    done = tallystick("go", "--api", API, "--out", str(tmp_path / "new/client"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "func (c *Client) CreateEvent(" in (tmp_path / "new/client/client.go").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("cobol", "--api", API), "cobol: it is one of go, java, python, rust, typescript"),
        (("go", "--api", "gateway"), "gateway: it is one of charon, event_store, eventgrid"),
    ],
)
def test_what_there_is_no_client_for_is_told(
    arguments: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    done = tallystick(*arguments, "--out", str(tmp_path))
    assert (done.returncode, files(tmp_path)) == (2, {})
    assert reason in done.stderr


def test_a_missing_java_is_told(tmp_path: Path) -> None:
    done = tallystick("go", "--api", API, "--out", str(tmp_path), PATH="")
    assert done.returncode == 2
    assert "runs on Java 11 or later, and there is no `java`" in done.stderr
