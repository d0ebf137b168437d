"""The credentials of the dev world are listed in commands to paste."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from json import loads
from pathlib import Path

from command_line import tallystick
from server_process import ServerProcess

CONTRACT = """
openapi: 3.0.3
info: {title: Pets, version: '1'}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
security: [{key: []}]
paths: {/pets: {get: {summary: List pets, responses: {'200': {description: Pets.}}}}}
"""


def test_every_api_has_a_credential() -> None:
    lines = tallystick("credentials").stdout.splitlines()

    for api in ("event_store", "eventhos", "keyastrom", "eventgrid", "charon", "gateway"):
        assert any(line.startswith(f"{api}: ") for line in lines)
    assert any("http://127.0.0.1:8080/create?" in line for line in lines)


def test_the_credentials_are_json_for_scripts() -> None:
    listed = loads(tallystick("credentials", "--json").stdout)
    shown = [
        line
        for each in listed
        for line in (f"{each['api']}: {each['title']}", "  " + each["command"], "")
    ]
    assert shown[:-1] == tallystick("credentials").stdout.splitlines()


def test_every_command_works_when_pasted(server: ServerProcess) -> None:
    lines = tallystick("credentials", "--url", f"{server.url}/").stdout.splitlines()
    samples = [pair for pair in pairwise(lines) if pair[1].startswith("  curl ")]

    assert len(samples) >= 4
    for title, line in samples:
        command = f"{line.strip()} -sS -o /dev/null -w '%{{http_code}}'"
        ran = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, timeout=20, check=True
        )
        assert ran.stdout.startswith("4" if "be refused" in title else "2"), f"{ran.stdout} {line}"


def test_a_contract_of_one_s_own_has_its_credentials(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(CONTRACT)

    options = ["credentials", "--contract", str(tmp_path / "pets.yaml")]

    open_to_any = tallystick(*options).stdout
    assert "curl -H 'X-Key: any' http://127.0.0.1:8080/pets" in open_to_any
    keyed = tallystick(*options, "--key", "key=mine").stdout
    assert "curl -H 'X-Key: KEY' http://127.0.0.1:8080/pets" in keyed


def test_a_contract_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    said = tallystick("credentials", "--contract", str(tmp_path / "none.yaml"))

    assert (said.returncode, said.stdout) == (2, "")
    assert "none.yaml" in said.stderr


def test_a_collector_for_the_server_s_traces_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "opentelemetry.py").write_text("raise ImportError")

    said = tallystick(
        "credentials", PYTHONPATH=str(tmp_path), TALLYSTICK_TRACES_URL="http://127.0.0.1:9"
    )

    assert (said.returncode, said.stderr) == (0, "")
