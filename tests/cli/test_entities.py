"""`tallystick entities import` says what it has imported, or what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from keyastrom_calls import entity, found
from server_process import ServerProcess

TOKEN = {"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"}


def imported(server: ServerProcess, file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tallystick", "entities", "import", str(file), *options]
    database = f"sqlite:///{server.database}"
    return subprocess.run(
        [*command, "--database", database], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_line_imports_beside_a_running_server(
    server: ServerProcess, tmp_path: Path
) -> None:
    file = tmp_path / "topology.json"
    world = [entity(f"cli-{number}") for number in range(2_500)]
    file.write_text(json.dumps({"entities": world}), encoding="utf-8")
    done = imported(server, file)
    assert (done.returncode, done.stdout) == (0, "2500 entities created, 0 replaced\n")
    assert len(found(server, "type(HOST),entityName.in(cli-0,cli-2499)")) == 2


def test_what_was_imported_is_json_for_scripts(server: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "topology.json"
    file.write_text(json.dumps({"entities": [entity("cli-json")]}), encoding="utf-8")
    done = imported(server, file, "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"created": 1, "replaced": 0})


def test_the_command_line_says_what_is_wrong_with_a_file(
    server: ServerProcess, tmp_path: Path
) -> None:
    file = tmp_path / "topology.yaml"
    file.write_text("entities: [{id: A, type: 5}]", encoding="utf-8")
    done = imported(server, file)
    assert done.returncode == 2
    assert done.stderr == f"tallystick: {file}: entities.0.type must be a string\n"
