"""A contract that changes is read again, and a broken one leaves the one before in force."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from contract_runtime import ContractCaller, mocking
from generic.crm import CRM
from tallystick import contract_watch
from tallystick.contract_watch import ContractWatch

pytestmark = pytest.mark.anyio
KEY = {"x-key": "any"}


@pytest.fixture
def anyio_backend() -> str:
    """The event loop of the tests that are coroutines."""
    return "asyncio"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract_watch, "PERIOD_S", 0.01)


async def until(crm: ContractCaller, path: str, status: int) -> None:
    async with asyncio.timeout(60):
        while (await crm.call("GET", path, headers=KEY)).status != status:
            await asyncio.sleep(0.02)


async def test_a_change_is_served_and_what_was_created_is_kept(tmp_path: Path) -> None:
    async with mocking(tmp_path, CRM, watch=True) as crm:
        made = await crm.call("POST", "/customers", {"name": "Ada"}, headers=KEY)
        assert (await crm.call("GET", "/forecast", headers=KEY)).status == 404
        (tmp_path / "crm.yaml").write_text(CRM.replace("/weather", "/forecast"))
        await until(crm, "/forecast", 200)
        await until(crm, "/weather", 404)
        read = await crm.call("GET", f"/customers/{made.body['id']}", headers=KEY)
        assert read.body == made.body


async def test_a_broken_contract_leaves_the_one_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with mocking(tmp_path, CRM, watch=True) as crm:
        (tmp_path / "crm.yaml").write_text("openapi: 3.1.0\n  : [")
        async with asyncio.timeout(60):
            while "is served on" not in caplog.text:
                await asyncio.sleep(0.02)
        assert (await crm.call("GET", "/weather", headers=KEY)).status == 200
        (tmp_path / "crm.yaml").write_text(CRM.replace("/weather", "/forecast"))
        await until(crm, "/forecast", 200)


async def test_a_change_while_a_contract_is_read_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "crm.yaml"
    file.write_text("one")
    texts: list[str] = []

    def read() -> list[str]:
        texts.append(file.read_text())
        if len(texts) == 1:
            file.write_text("the third")
        return [str(file)]

    watch = ContractWatch([str(file)], read)
    await watch.open()
    await asyncio.sleep(0)
    file.write_text("the second")
    async with asyncio.timeout(60):
        while "the third" not in texts:
            await asyncio.sleep(0.02)
    await watch.close()
