"""A world is made at the start, or refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tallystick.mock.client import Tallystick
from tallystick.mock.process import NotStarted

Start = Callable[..., Tallystick]

GATEWAY = {"Authorization": "Bearer dev-gateway-key"}


WORLD = """
clock: {set: '2026-03-01T12:00:00Z', frozen: true}
requests:
  - method: POST
    path: /create
    headers: {x-api-key: XXX1XX12XxxxXXxxXXx0xXxx}
    json: {cl: EDF, ty: FROM_WORLD, hs: AWS, ac: PRODUCTION, re: eu-west-3, st: OK, me: A world}
rules:
  - {operation: createEvent, answer: {error: M004}, times: 1}
"""


def test_a_world_is_there_at_the_start_and_after_a_reset(
    start_tallystick: Start, tmp_path: Path
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(WORLD, encoding="utf-8")
    mock = start_tallystick("--world", str(file))

    for _ in range(2):
        answer = requests.get(f"{mock.url}/gateway/v1/events", headers=GATEWAY, timeout=10)
        [event] = answer.json()["events"]
        assert (event["type"], event["time"]) == ("FROM_WORLD", "2026-03-01T12:00:00.000Z")
        refused = requests.post(
            f"{mock.url}/create", json={}, headers={"x-api-key": "any"}, timeout=10
        )
        assert refused.json()["code"] == "M004"
        mock.reset()


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        ("rulez: []", "rulez is not known here"),
        ("requests: [{path: /create}]", "requests.0: GET /create is answered 403"),
        ("rules: [{operation: createEvnt, fault: reset}]", "rules.0: operation is no operationId"),
        ("clock: {set: 2026-01-31, advance: 1s}", "clock: advance does not go with set"),
        ("rules: [{operation: createEvent, answer: {code: 418}}]", "never answers 418"),
        ("a: 1\na: 2", "given twice"),
    ],
)
def test_a_world_that_can_t_be_made_is_refused_at_the_start(
    start_tallystick: Start, tmp_path: Path, world: str, reason: str
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(world, encoding="utf-8")

    with pytest.raises(NotStarted, match=reason):
        start_tallystick("--world", str(file))


CONTRACT = """
openapi: 3.0.3
info: {title: Shop, version: '1'}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
security: [{key: []}]
paths:
  /orders:
    post: {requestBody: {content: {application/json: {schema: {}}}},
           responses: {'201': {description: Made.}}}
  /orders/{id}:
    get: {responses: {'200': {description: It.}, '404': {description: None.}}}
"""


def test_a_world_names_the_credentials_of_a_contract(
    start_tallystick: Start, tmp_path: Path
) -> None:
    contract, world = tmp_path / "shop.yaml", tmp_path / "world.yaml"
    contract.write_text(CONTRACT, encoding="utf-8")
    world.write_text("credentials: {key: [right, other]}", encoding="utf-8")
    mock = start_tallystick("--contract", str(contract), "--world", str(world))

    def ask(key: str) -> int:
        headers = {"X-Key": key}
        return requests.get(f"{mock.url}/orders/1", headers=headers, timeout=10).status_code

    assert [ask("right"), ask("other"), ask("wrong")] == [404, 404, 401]
