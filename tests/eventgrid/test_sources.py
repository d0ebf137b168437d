"""A source keeps the secrets of its connection encrypted, and nobody sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from server_process import ServerProcess, StartServer

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
