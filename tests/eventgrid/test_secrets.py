"""Secrets are kept sealed, and nobody sees them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from huaweicloudsdkeg import v1

from server_process import ServerProcess, StartServer
from tallystick.apis.eventgrid import connection_details
from tallystick.apis.eventgrid.exceptions import BadValue

PASSWORD = "a-password-to-look-for"
PROJECT = "0123456789abcdef0123456789abcdef"
CHANNEL = "11111111-1111-4111-8111-111111111111"
TOKEN = {"X-Auth-Token": "dev-token"}
DETAIL = {"instance_id": "i", "user_name": "u", "vhost_name": "v", "queue_name": "q"}


def create(server: ServerProcess, name: str = "rabbit") -> Any:
    detail = {**DETAIL, "password": PASSWORD}
    body = {"name": name, "channel_id": CHANNEL, "type": "RABBITMQ", "detail": detail}
    url = f"{server.url}/v1/{PROJECT}/sources"
    answer = requests.post(url, json=body, headers=TOKEN, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def show(server: ServerProcess, id_: str) -> Any:
    url = f"{server.url}/v1/{PROJECT}/sources/{id_}"
    return requests.get(url, headers=TOKEN, timeout=10).json()


def test_a_password_is_in_no_file_and_no_answer(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    made = create(server)
    assert made["detail"] == {**DETAIL, "password": "******"}
    server.stop()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file


def test_what_was_sealed_is_read_after_a_restart(start_server: StartServer) -> None:
    server = start_server()
    made = create(server)
    server.restart()
    assert show(server, made["id"]) == made


def test_a_source_whose_key_is_lost_says_so_and_takes_a_new_detail(
    start_server: StartServer,
) -> None:
    server = start_server()
    made = create(server)
    server.stop()
    server.database.with_name(f"{server.database.name}.key").unlink()
    server.start()
    lost = show(server, made["id"])
    assert (lost["status"], lost["detail"]) == ("ERROR", {})
    assert lost["error_info"]["error_code"] == "EG.00015000"
    url = f"{server.url}/v1/{PROJECT}/sources/{made['id']}"
    again = {"detail": {**DETAIL, "password": PASSWORD}}
    changed = requests.put(url, json=again, headers=TOKEN, timeout=10).json()
    assert (changed["status"], changed["detail"]["password"]) == ("RUNNING", "******")


def test_a_key_of_the_command_line_is_ak_sk_and_token(
    start_server: StartServer, connect: Any
) -> None:
    server = start_server()
    database = f"sqlite:///{server.database}"
    command = [sys.executable, "-m", "tallystick", "keys", "create", "eventgrid"]
    made = subprocess.run(
        [*command, "--project", "mine", "--database", database],
        capture_output=True,
        text=True,
        check=True,
    )
    secret = made.stdout.strip()
    access_key = made.stderr.partition("key ")[2].partition(";")[0]
    server.restart()

    url = f"{server.url}/v1/mine/quotas"
    assert requests.get(url, headers={"X-Auth-Token": secret}, timeout=10).status_code == 200
    client = connect(ak=access_key, sk=secret, project="mine", url=server.url)
    assert client.list_channels(v1.ListChannelsRequest()).total == 1
    assert secret.encode() not in server.database.read_bytes()


def test_a_key_without_a_project_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tallystick", "keys", "create", "eventgrid"]
    database = f"sqlite:///{tmp_path}/x.db"
    refused = subprocess.run(
        [*command, "--database", database], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert "--project" in refused.stderr
    assert refused.stdout == ""


def test_secrets_are_hidden_at_any_depth() -> None:
    shown = connection_details.mask_secrets(
        {"a": [{"password": "x", "b": 1}], "secret_key": "y", "password": None}
    )
    assert shown == {
        "a": [{"password": "******", "b": 1}],
        "secret_key": "******",
        "password": None,
    }


def test_asterisks_stand_for_the_secret_that_is_kept() -> None:
    kept = connection_details.with_kept_secrets(
        {"password": "******", "n": 1}, {"password": "x", "o": 2}
    )
    assert kept == {"password": "x", "n": 1}


def test_asterisks_for_no_secret_are_refused() -> None:
    with pytest.raises(BadValue, match=r"detail\.password"):
        connection_details.refuse_incomplete("APPLICATION", {"password": "******"})
