"""A key of the command line is every credential of eventgrid."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
from huaweicloudsdkeg import v1

from server_process import StartServer


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
