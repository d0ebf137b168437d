"""Who calls eventgrid is known by their key, their signature or their token."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.client import ClientBuilder
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdkeg import v1

from eventgrid_sdk import refused
from server_process import ServerProcess, StartServer


def test_a_key_of_the_command_line_is_ak_sk_and_token(
    start_server: StartServer, connect: Any
) -> None:
    server = start_server()
    database = f"sqlite:///{server.database}"
    command = [sys.executable, "-m", "tallystick", "keys", "create", "eventgrid"]
    made = subprocess.run(
        [*command, "--project", "mine", "--scope", "channels:read", "--database", database],
        capture_output=True,
        text=True,
        check=True,
    )
    secret = made.stdout.strip()
    access_key = made.stderr.partition("key ")[2].partition(";")[0]
    server.restart()

    url = f"{server.url}/v1/mine"
    token = {"X-Auth-Token": secret}
    assert requests.get(f"{url}/channels", headers=token, timeout=10).status_code == 200
    refused = requests.get(f"{url}/quotas", headers=token, timeout=10)
    assert (refused.status_code, refused.json()["error_code"]) == (403, "EG.00014030")
    client = connect(ak=access_key, sk=secret, project="mine", url=server.url)
    assert client.list_channels(v1.ListChannelsRequest()).total == 1
    with pytest.raises(ClientRequestException, match=r"EG\.00014030"):
        client.list_quotas(v1.ListQuotasRequest(type="SOURCE"))
    assert secret.encode() not in server.database.read_bytes()


def test_a_key_without_a_project_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tallystick", "keys", "create", "eventgrid"]
    database = f"sqlite:///{tmp_path}/x.db"
    refused = subprocess.run(
        [*command, "--scope", "*", "--database", database],
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "--project" in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ({"sk": "wrong"}, 401, "EG.00014010"),
        ({"ak": "unknown"}, 401, "EG.00014010"),
        ({"project": "another"}, 403, "EG.00014030"),
    ],
    ids=["secret key", "access key", "project"],
)
def test_a_wrong_credential_is_an_exception(
    connect: Callable[..., Any], who: dict[str, str], status: int, code: str
) -> None:
    client = connect(**who)
    found = refused(lambda: client.list_quotas(v1.ListQuotasRequest()))
    assert found[:2] == (status, code)


def test_a_token_that_was_issued_is_good_for_the_key_s_project_alone(server: ServerProcess) -> None:
    keys = {"access": {"key": "DEVAK"}, "secret": {"key": "DEVSK"}}
    body = {"auth": {"identity": {"methods": ["hw_ak_sk"], "hw_ak_sk": keys}}}
    issued = requests.post(f"{server.url}/v3/auth/tokens", json=body, timeout=10)
    token = {"X-Auth-Token": issued.headers["X-Subject-Token"]}
    assert "DEVSK" not in issued.text + str(issued.headers)

    def status(path: str) -> int:
        return requests.get(f"{server.url}{path}", headers=token, timeout=10).status_code

    assert status("/v1/0123456789abcdef0123456789abcdef/channels") == 200
    assert status("/v1/fedcba9876543210fedcba9876543210/channels") == 403
    assert status("/v3/projects") == 200
    token["X-Auth-Token"] += "0"
    assert status("/v3/projects") == 401


def test_a_token_that_was_issued_ends_with_its_key(start_server: StartServer) -> None:
    server = start_server()
    database = ["--database", f"sqlite:///{server.database}"]
    keys = [sys.executable, "-m", "tallystick", "keys"]
    create = [*keys, "create", "eventgrid", "--project", "mine", "--scope", "*", *database]
    made = subprocess.run(create, capture_output=True, text=True, check=True)
    access_key = made.stderr.partition("key ")[2].partition(";")[0]
    server.restart()
    user = {"name": access_key, "password": made.stdout.strip()}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
    issued = requests.post(f"{server.url}/v3/auth/tokens", json=body, timeout=10)
    token = {"X-Auth-Token": issued.headers["X-Subject-Token"]}

    def statuses() -> tuple[int, int]:
        shown = requests.get(f"{server.url}/v3/projects", headers=token, timeout=10)
        again = requests.post(f"{server.url}/v3/auth/tokens", json=body, timeout=10)
        return shown.status_code, again.status_code

    assert statuses() == (200, 201)
    subprocess.run([*keys, "revoke", access_key, *database], capture_output=True, check=True)
    server.restart()
    assert statuses() == (401, 401)
    assert user["password"] not in server.stdout + server.stderr
    assert token["X-Auth-Token"] not in server.stdout + server.stderr


class TokenOfTheSdk(BasicCredentials):  # type: ignore[misc]  # the SDK has no types
    """Sends a token instead of a signature, as the SDK lets its users do."""

    def sign_request(self, request: Any) -> Any:
        request.header_params["X-Auth-Token"] = self.ak
        Signer.process_request_uri(request)
        return request


def test_the_sdk_calls_with_a_token(server: ServerProcess) -> None:
    user = {"name": "DEVAK", "password": "DEVSK"}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
    issued = requests.post(f"{server.url}/v3/auth/tokens", json=body, timeout=10)
    project = issued.json()["token"]["project"]["id"]
    credentials = TokenOfTheSdk(issued.headers["X-Subject-Token"], "unused", project)
    builder = ClientBuilder(v1.EgClient, TokenOfTheSdk.__name__).with_credentials(credentials)
    client = builder.with_endpoints([server.url]).build()
    assert client.list_channels(v1.ListChannelsRequest()).total >= 1


def test_keys_without_a_project_find_it_through_our_identity_service(server: ServerProcess) -> None:
    # The SDK keeps a project by key and region for the whole process.
    credentials = BasicCredentials("DEVAK", "DEVSK").with_iam_endpoint(server.url)
    region = Region("cn-north-4", server.url)
    builder = v1.EgClient.new_builder().with_credentials(credentials).with_region(region)
    assert builder.build().list_channels(v1.ListChannelsRequest()).total >= 1


@pytest.mark.parametrize("id_", ["no-such", "a b", "ä", "a%2Fb", "~._-", "*'()", "a+b", "a?b#c"])
def test_a_signature_covers_any_id(sdk: Any, id_: str) -> None:
    show = v1.ShowDetailOfEventSourceRequest(source_id=id_)
    assert refused(lambda: sdk.show_detail_of_event_source(show))[0] == 404


@pytest.mark.parametrize("name", ["a b", "ä&b=c", "a+b", "~", "100%", "a/b", "*'()"])
def test_a_signature_covers_any_query(sdk: Any, name: str) -> None:
    listed = sdk.list_event_sources(v1.ListEventSourcesRequest(name=name, fuzzy_name="x", offset=3))
    assert (listed.total, listed.items) == (0, [])
