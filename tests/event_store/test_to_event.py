"""A field that is added to the contract is taken, judged and stored: no line of Python names it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import requests

import tallystick
from server_process import ServerProcess, StartServer
from tallystick import handlers, openapi

EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}
KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}

EDITS = (
    (
        "x-codes:\n",
        "x-codes:\n  O001: {status: 400, message: is too long (more than 5 characters)}\n",
    ),
    (
        "        - name: us\n",
        "        - {name: op, in: query, description: Who did it., example: anna,\n"
        "            schema: {$ref: '#/components/schemas/Operator'}}\n"
        "        - name: us\n",
    ),
    (
        "        me: {$ref: '#/components/schemas/EventStoreMessage'}\n",
        "        me: {$ref: '#/components/schemas/EventStoreMessage'}\n"
        "        op: {$ref: '#/components/schemas/Operator'}\n",
    ),
    (
        "    UserField:\n",
        "    Operator: {type: string, description: Who did it., example: anna, maxLength: 5,\n"
        "      x-error-codes: {maxLength: O001}}\n"
        "    UserField:\n",
    ),
)


@pytest.fixture
def server(tmp_path: Path, start_server: StartServer) -> ServerProcess:
    """A server on a copy of `event_store.yaml` that has one more optional field."""
    return start_server(PYTHONPATH=str(_package(tmp_path / "path")))


def _package(path: Path) -> Path:
    """The folder of a package that is this one but for its contract."""
    package = path / "tallystick"
    package.mkdir(parents=True)
    for part in Path(*tallystick.__path__).iterdir():
        if part.name not in {"handlers", "openapi"}:
            (package / part.name).symlink_to(part)
    (package / "handlers").symlink_to(Path(*handlers.__path__))
    shutil.copytree(Path(*openapi.__path__), package / "openapi")
    contract = package / "openapi" / "event_store.yaml"
    text = contract.read_text(encoding="utf-8")
    for find, put in EDITS:
        assert text.count(find) == 1
        text = text.replace(find, put)
    contract.write_text(text, encoding="utf-8")
    return path


def _send(server: ServerProcess, method: str, **more: str) -> requests.Response:
    url, fields = f"{server.url}/create", {**EVENT, **more}
    if method == "GET":
        return requests.get(url, fields, headers=KEY, timeout=10)
    return requests.post(url, json=fields, headers=KEY, timeout=10)


def _stored(server: ServerProcess, id_: str) -> dict[str, str]:
    url = f"{server.url}/gateway/v1/events/{id_}"
    data: dict[str, str] = requests.get(url, headers=GATEWAY, timeout=10).json()["data"]
    return data


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_field_that_the_contract_gained_is_stored(server: ServerProcess, method: str) -> None:
    answer = _send(server, method, op="anna", us_app="x", other="dropped")

    assert answer.status_code == 200
    kept = {**EVENT, "im": "MINOR", "op": "anna", "us_app": "x"}
    assert _stored(server, answer.json()["id"]) == kept


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_field_that_the_contract_gained_is_judged(server: ServerProcess, method: str) -> None:
    answer = _send(server, method, op="annabel")

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"parameter": "op", "code": "O001", "message": "is too long (more than 5 characters)"}
    ]
