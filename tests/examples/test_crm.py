"""The example of examples/crm: one contract without Python, mocked as its reader would do it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tallystick.mock.client import Tallystick
from tallystick.mock.process import MockProcess

CONTRACT = Path(__file__).parents[2] / "examples" / "crm" / "crm.yaml"
ADA = {"name": "Ada Lovelace", "email": "ada@example.org"}
GRACE = {"name": "Grace Hopper", "state": "active"}


@pytest.fixture(scope="module")
def process() -> Iterator[MockProcess]:
    """A mock of the contract, which these tests share."""
    started = MockProcess("--contract", str(CONTRACT))
    yield started
    started.stop()


@pytest.fixture
def mock(process: MockProcess) -> Tallystick:
    """It, as at its start."""
    mock = Tallystick(process.url)
    mock.reset()
    return mock


class Crm:
    """A program that calls the API."""

    def __init__(self, url: str) -> None:
        self._url = url

    def call(
        self, method: str, path: str, body: Any = None, prefer: str | None = None
    ) -> requests.Response:
        """Send a request with a key."""
        headers = {"X-Api-Key": "any", **({"Prefer": prefer} if prefer else {})}
        return requests.request(method, self._url + path, json=body, headers=headers, timeout=20)

    def create(self, customer: Any) -> dict[str, Any]:
        """Return the customer as it was created."""
        answer = self.call("POST", "/customers", customer)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created


@pytest.fixture
def crm(mock: Tallystick) -> Crm:
    return Crm(mock.url)


def test_a_customer_is_created_read_listed_changed_and_deleted(crm: Crm) -> None:
    ada, grace = crm.create(ADA), crm.create(GRACE)
    path = f"/customers/{ada['id']}"

    assert ada == {**ADA, "id": ada["id"], "state": "lead", "createdAt": ada["createdAt"]}
    assert crm.call("GET", path).json() == ada
    assert crm.call("GET", "/customers").json() == {"customers": [ada, grace], "total": 2}
    assert crm.call("GET", "/customers?state=active").json()["customers"] == [grace]
    assert crm.call("GET", "/customers?limit=1").json() == {"customers": [ada], "total": 2}
    changed = crm.call("PATCH", path, {"state": "gone"})
    assert (changed.status_code, changed.json()) == (200, {**ada, "state": "gone"})
    assert crm.call("DELETE", path).status_code == 204
    assert crm.call("GET", path).status_code == 404
    assert crm.call("GET", "/customers").json() == {"customers": [grace], "total": 1}


def test_notes_belong_to_their_customer_and_go_with_it(crm: Crm) -> None:
    path = f"/customers/{crm.create(ADA)['id']}"
    other = f"/customers/{crm.create(GRACE)['id']}/notes"

    assert crm.call("POST", f"{path}/notes", {"text": "Calls back."}).json()["id"] == 1
    assert crm.call("POST", f"{path}/notes", {"text": "Called."}).json()["id"] == 2
    assert crm.call("GET", other).json() == []
    assert crm.call("DELETE", f"{path}/notes/1").status_code == 204
    assert crm.call("GET", f"{path}/notes").json() == [{"id": 2, "text": "Called."}]
    assert crm.call("DELETE", path).status_code == 204
    assert crm.call("GET", f"{path}/notes").status_code == 404


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"name": "x" * 61}, "N001", "name"),
        ({}, "N000", "name"),
        ({"name": None}, "N000", "name"),
        ({"name": ""}, "N002", "name"),
        ({"name": 7, "email": 7}, "N002", "name"),
        ({**ADA, "email": "nowhere"}, "E001", "email"),
        ({**ADA, "state": "asleep"}, "S001", "state"),
        ([], "B001", None),
        (None, "B001", None),
    ],
)
def test_each_broken_rule_has_its_code(
    crm: Crm, body: object, code: str, field: str | None
) -> None:
    refused = crm.call("POST", "/customers", body)

    assert refused.status_code == 400
    assert (refused.json()["code"], refused.json().get("field")) == (code, field)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=many"])
def test_a_limit_that_is_none_has_its_code(crm: Crm, query: str) -> None:
    refused = crm.call("GET", f"/customers?{query}")

    assert (refused.status_code, refused.json()["code"]) == (400, "L001")


def test_a_call_without_a_key_is_refused(mock: Tallystick) -> None:
    refused = requests.get(f"{mock.url}/customers", timeout=20)

    assert (refused.status_code, refused.json()["code"]) == (401, "401")


def test_a_caller_chooses_the_answer(crm: Crm) -> None:
    path = "/customers/nobody"

    assert crm.call("GET", path).status_code == 404
    assert crm.call("GET", path, prefer="code=401").json()["code"] == "401"
    assert crm.call("GET", path, prefer="example=grace").json()["name"] == "Grace Hopper"
    assert crm.call("GET", path, prefer="error=404").status_code == 404
    made = [crm.call("GET", path, prefer="dynamic=true").json() for _ in range(2)]
    assert made[0]["id"] != made[1]["id"]
    long = crm.call("POST", "/customers", ADA, prefer="error=N001")
    assert (long.status_code, long.json()["message"]) == (400, "A name has at most 60 characters")
    assert crm.call("GET", path, prefer="error=N001").status_code == 400
    assert crm.call("GET", "/customers").json()["total"] == 0


def test_rules_verify_and_reset_work_as_for_any_api(mock: Tallystick, crm: Crm) -> None:
    mock.fail_next("createCustomer", error="S001")

    assert crm.call("POST", "/customers", ADA).json()["code"] == "S001"
    crm.create(ADA)
    mock.verify("createCustomer", {"body": {"$.name": "Ada Lovelace"}}, times=2)
    mock.reset()
    assert crm.call("GET", "/customers").json() == {"customers": [], "total": 0}


def test_each_change_is_an_event(mock: Tallystick, crm: Crm) -> None:
    ada = crm.create(ADA)
    crm.call("DELETE", f"/customers/{ada['id']}")

    key = {"Authorization": "Bearer dev-gateway-key"}
    found = requests.get(f"{mock.url}/gateway/v1/events", headers=key, timeout=20).json()["events"]
    deleted, created = (
        (event["type"], event["source"], event["subject"], event.get("data")) for event in found
    )
    assert created == ("crm.createCustomer", "/crm/customers", ada["id"], ADA)
    assert deleted == ("crm.deleteCustomer", f"/crm/customers/{ada['id']}", ada["id"], None)
