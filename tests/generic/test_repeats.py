"""A call that is sent again with its key is done once, and answered as it was then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from contract_runtime import GATEWAY, ContractCaller, Said, mocking, serving
from generic.keyed_contracts import COUNTED_ID, DRAWN_ID, TEXT_ID, refused, tickets
from tallystick.apis.generic import repeats
from tallystick.apis.generic.tables import done_calls

pytestmark = pytest.mark.anyio

LEAK, DOOR = {"title": "A leak"}, {"title": "A door"}
OLD, NEW = "o" * 32, "n" * 32

CODED = """'409':
          description: Refused.
          x-codes: [taken, key-reused]
          content:
            application/json:
              schema:
                type: object
                required: [code]
                properties: {code: {type: string}, message: {type: string}}"""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[ContractCaller]:
    async with mocking(tmp_path, tickets(refused("409"))) as caller:
        yield caller


async def send(
    office: ContractCaller,
    body: Any = LEAK,
    key: str = "k-1",
    *,
    method: str = "POST",
    target: str = "/tickets",
    secret: str = "ada",
) -> Said:
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": key}
    return await office.call(method, target, body, headers=headers)


async def all_tickets(office: ContractCaller) -> list[Any]:
    found: list[Any] = (await send(office, None, method="GET")).body
    return found


@pytest.mark.parametrize("id_", [TEXT_ID, COUNTED_ID, DRAWN_ID])
async def test_a_call_that_is_sent_again_makes_no_second_resource(tmp_path: Path, id_: str) -> None:
    async with mocking(tmp_path, tickets(id_=id_)) as office:
        first, again = await send(office), await send(office)
        assert again == first
        assert first.status == 201
        assert await all_tickets(office) == [first.body]
        assert len(await office.events()) == 1
        assert (await send(office, LEAK, "k-2")).body["id"] != first.body["id"]


async def test_what_was_changed_since_is_answered_as_it_was(office: ContractCaller) -> None:
    first = await send(office)
    path = first.headers["location"]
    assert (await send(office, DOOR, "k-2", method="PATCH", target=path)).body["title"] == "A door"
    assert await send(office) == first
    for _ in range(2):
        gone = await send(office, None, "k-3", method="DELETE", target=path)
        assert gone.status == 204
    assert (await send(office, None, "k-4", method="DELETE", target=path)).status == 404
    assert await send(office) == first


async def test_calls_with_one_key_at_once_are_one(office: ContractCaller) -> None:
    said = await asyncio.gather(*(send(office) for _ in range(8)))
    assert len({each.body["id"] for each in said}) == 1
    assert len(await all_tickets(office)) == 1


async def test_calls_with_one_key_at_two_servers_are_one(tmp_path: Path, postgres_url: str) -> None:
    settings: dict[str, Any] = {"database": postgres_url, "contract_keys": ("bearer=ada",)}
    async with (
        serving(tmp_path, tickets(), **settings) as office,
        serving(tmp_path, tickets(), **settings) as other,
    ):
        said = await asyncio.gather(*(send(each) for each in (office, other) * 4))
        assert len({each.body["id"] for each in said}) == 1
        assert await all_tickets(other) == [said[0].body]


@pytest.mark.parametrize(
    ("declared", "status", "shape"),
    [
        (refused("409"), 409, {"code", "message"}),
        (refused("422"), 422, {"code", "message"}),
        (refused("4XX"), 422, {"code", "message"}),
        (refused("400"), 400, {"code", "message"}),
        ("", 422, {"type", "title", "status", "detail"}),
    ],
)
async def test_another_request_with_the_key_is_refused_as_the_contract_says(
    tmp_path: Path, declared: str, status: int, shape: set[str]
) -> None:
    async with mocking(tmp_path, tickets(declared)) as office:
        await send(office)
        other = await send(office, DOOR)
        assert (other.status, other.body.keys()) == (status, shape)
        text = other.body.get("message") or other.body["detail"]
        assert text == "The key was sent before, with another request."
        assert len(await all_tickets(office)) == 1


async def test_the_conflict_has_the_code_that_tells_of_keys(tmp_path: Path) -> None:
    codes = """x-codes:
  taken: {status: 409, message: The id is taken.}
  key-reused: {status: 409, message: The idempotency key was sent before.}
components:"""
    contract = tickets(CODED).replace("components:", codes, 1)
    async with mocking(tmp_path, contract) as office:
        await send(office)
        said = await send(office, DOOR)
    assert said.body == {"code": "key-reused", "message": "The idempotency key was sent before."}


async def test_keys_of_other_callers_and_of_other_paths_are_others(office: ContractCaller) -> None:
    await send(office)
    assert (await send(office, DOOR, secret="grace")).status == 201
    assert (await send(office, DOOR, target="/reminders")).status == 202
    assert len(await all_tickets(office)) == 2


async def test_a_call_of_no_resource_is_recorded_once(office: ContractCaller) -> None:
    for _ in range(2):
        assert (await send(office, target="/reminders")).status == 202
    assert len(await office.events()) == 1


async def test_where_all_may_call_a_key_is_known_too(tmp_path: Path) -> None:
    for security in ("[]", "[{}, {bearer: []}]"):
        async with mocking(tmp_path, tickets(security=security)) as office:
            assert await send(office) == await send(office)


async def test_none_gets_the_answer_of_another_where_a_credential_is_optional(
    tmp_path: Path,
) -> None:
    async with mocking(tmp_path, tickets(security="[{}, {bearer: []}]")) as office:
        first = await send(office)
        other = await send(office, secret="grace")
        open_to_all = await office.call(
            "POST", "/tickets", LEAK, headers={"idempotency-key": "k-1"}
        )
        assert len({each.body["id"] for each in (first, other, open_to_all)}) == 3
        assert await send(office, secret="grace") == other


async def test_a_key_is_known_while_the_key_of_the_secrets_is_replaced(tmp_path: Path) -> None:
    contract = tickets(refused("409"))
    given: dict[str, Any] = {"contract_keys": ("bearer=ada",)}
    async with serving(tmp_path, contract, secret_key=OLD, **given) as office:
        first = await send(office)
    async with serving(tmp_path, contract, secret_key=f"{NEW},{OLD}", **given) as office:
        assert await send(office) == first
        assert (await send(office, DOOR)).status == 409


async def test_digests_of_weak_secrets_go_by_the_key_of_the_secrets(tmp_path: Path) -> None:
    one, other, again = [await stored_digests(tmp_path / at, at[0] * 32) for at in ("o", "n", "o2")]
    assert one == again
    assert one.isdisjoint(other)


async def test_a_start_warns_of_digests_without_a_secret(
    tmp_path: Path, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "tallystick.apis.generic")
    keyless = tickets().replace("Idempotency-Key", "X-Note")
    for contract, secret_key, warns in (
        (tickets(), OLD, False),
        (keyless, None, False),
        (tickets(), None, True),
    ):
        async with serving(tmp_path, contract, database=postgres_url, secret_key=secret_key):
            assert ("so set TALLYSTICK_SECRET_KEY" in caplog.text) == warns


async def stored_digests(folder: Path, secret_key: str) -> set[str]:
    folder.mkdir()
    stored = select(done_calls.c.id, done_calls.c.caller, done_calls.c.request)
    given: dict[str, Any] = {"contract_keys": ("bearer=ada",), "secret_key": secret_key}
    async with serving(folder, tickets(), **given) as office:
        await send(office)
        database = office.runtime.context.database
        return set(await database.read(lambda connection: connection.execute(stored).one()))


async def test_a_call_that_was_refused_can_be_sent_again_with_its_key(
    office: ContractCaller,
) -> None:
    assert (await send(office, {"title": 7})).status == 400
    assert (await send(office)).status == 201


async def test_a_call_on_what_is_missing_can_be_sent_again_once_it_is_there(tmp_path: Path) -> None:
    async with mocking(tmp_path, tickets(id_=COUNTED_ID)) as office:
        for status in (404, 204, 204):
            removed = await send(office, None, method="DELETE", target="/tickets/1")
            assert removed.status == status
            await send(office, LEAK, "k-2")


async def test_any_text_and_number_is_answered_again_as_it_was(office: ContractCaller) -> None:
    body = b'{"title": "\\ud800", "number": 99999999999999999999, "part": 1e2, "deep": [[{}]]}'
    first = await send(office, body)
    assert (first.status, await send(office, body)) == (201, first)


async def test_the_order_of_members_makes_no_other_request(office: ContractCaller) -> None:
    first = await send(office, {"title": "A leak", "more": {"a": 1, "b": 2}})
    assert await send(office, {"more": {"b": 2, "a": 1}, "title": "A leak"}) == first


@pytest.mark.parametrize("key", ["k" * 10_000, "Ünïcode", "a b\tc", "'; DROP TABLE"])
async def test_any_text_is_a_key(office: ContractCaller, key: str) -> None:
    first = await send(office, LEAK, key)
    assert (first.status, await send(office, LEAK, key)) == (201, first)
    assert (await send(office, LEAK, f"{key}2")).body["id"] != first.body["id"]


@pytest.mark.parametrize("key", ["", "  "])
async def test_an_empty_key_is_none(office: ContractCaller, key: str) -> None:
    for _ in range(2):
        assert (await send(office, LEAK, key)).status == 201
    assert len(await all_tickets(office)) == 2


async def test_a_key_is_forgotten_after_a_day(office: ContractCaller) -> None:
    first = await send(office)

    async def later(by: str) -> None:
        change = {"advance": by}
        said = await office.call("PUT", "/gateway/v1/mock/clock", change, headers=GATEWAY)
        assert said.status == 200

    await later("23h")
    assert await send(office) == first
    await later("61m")
    assert (await send(office, DOOR)).status == 201
    assert len(await all_tickets(office)) == 2
    assert await known_keys(office) == 1


async def test_the_newest_keys_of_a_caller_are_known(
    office: ContractCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "MOST", 3)
    await send(office, LEAK, "grace's", secret="grace")
    made = [await send(office, LEAK, f"k-{number}") for number in range(6)]
    assert await send(office, LEAK, "k-5") == made[5]
    assert await known_keys(office) == 4


async def known_keys(office: ContractCaller) -> int:
    counted = select(func.count()).select_from(done_calls)
    database = office.runtime.context.database
    return await database.read(lambda connection: connection.scalar(counted) or 0)


async def test_a_served_contract_knows_its_keys_over_a_restart(tmp_path: Path) -> None:
    contract = tickets(refused("409"))
    async with serving(tmp_path, contract, contract_keys=("bearer=ada",)) as office:
        first = await send(office)
    async with serving(tmp_path, contract, contract_keys=("bearer=ada",)) as office:
        assert await send(office) == first
        assert (await send(office, DOOR)).status == 409
        assert len(await all_tickets(office)) == 1


async def test_a_key_that_is_too_old_is_one_that_was_never_sent(
    office: ContractCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "_REMOVED_AT_ONCE", 1)
    for key in ("k-1", "k-2", "k-3"):
        await send(office, LEAK, key)
    monkeypatch.setattr(repeats, "KEPT_MS", -1)
    assert (await send(office, DOOR, "k-3")).status == 201
    assert len(await all_tickets(office)) == 4
