"""The server says how it is and what it serves."""

from __future__ import annotations

import pytest
import requests
import yaml

from server_process import ServerProcess
from tallystick.contract.document import read_documents


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_service_says_that_it_is_well(server: ServerProcess, path: str) -> None:
    answer = requests.get(server.url + path, timeout=10)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_metrics_are_in_prometheus_text_format(server: ServerProcess) -> None:
    answer = requests.get(f"{server.url}/metrics", timeout=10)

    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4"
    assert "\n# TYPE " in f"\n{answer.text}"


def test_each_contract_is_served_as_it_was_written(server: ServerProcess) -> None:
    for document in read_documents():
        answer = requests.get(f"{server.url}/openapi/{document.api}.yaml", timeout=10)
        assert answer.headers["Content-Type"] == "application/yaml"
        assert answer.content == document.text


def test_the_joined_contract_has_every_operation(server: ServerProcess) -> None:
    answer = requests.get(f"{server.url}/openapi.yaml", timeout=10)
    joined = yaml.safe_load(answer.content)

    assert answer.headers["Content-Type"] == "application/yaml"
    for document in read_documents():
        for path, method, operation in document.operations():
            assert joined["paths"][path][method]["operationId"] == operation["operationId"]


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/gateway"])
def test_pages_run_under_a_policy(server: ServerProcess, path: str) -> None:
    answer = requests.get(server.url + path, headers={"Accept": "text/html,*/*"}, timeout=10)

    assert answer.headers["Content-Type"] == "text/html"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
