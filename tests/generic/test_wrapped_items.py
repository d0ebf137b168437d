"""What was sent is found in the item of an answer, whatever wraps the one or the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from contract_runtime import ContractCaller, mocking
from generic.wrapped_contracts import SENT, WRAPPINGS, Wrapping, wrapped
from tallystick.apis.generic.changes import merge
from tallystick.apis.generic.item_place import part_at, wrap

pytestmark = pytest.mark.anyio


class Orders(NamedTuple):
    """A mock of orders that are wrapped in one way."""

    caller: ContractCaller
    wrapping: Wrapping

    def body(self, order: dict[str, Any]) -> Any:
        return merge(self.wrapping.beside, wrap(order, self.wrapping.sent))

    def shown(self, body: Any) -> Any:
        return part_at(body, self.wrapping.shown)

    def id(self, body: Any) -> Any:
        return part_at(body, self.wrapping.shown[:1]).get("id") or self.shown(body)["id"]

    async def listed(self) -> list[Any]:
        body = (await self.caller.call("GET", "/orders")).body
        found = part_at(body, self.wrapping.listed)
        return [part_at(each, self.wrapping.inner) for each in found]


@pytest.fixture(params=WRAPPINGS)
async def orders(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Orders]:
    wrapping = WRAPPINGS[request.param]
    async with mocking(tmp_path, wrapped(wrapping)) as caller:
        yield Orders(caller, wrapping)


async def test_what_was_sent_is_in_the_item_and_its_ids_agree(orders: Orders) -> None:
    call = orders.caller.call
    made = await call("POST", "/orders", orders.body(SENT))
    order = orders.shown(made.body)
    assert made.status == 201
    assert order.items() >= SENT.items()
    path = f"/orders/{orders.id(made.body)}"
    assert made.headers["location"] == path
    assert orders.shown((await call("GET", path)).body) == order
    assert await orders.listed() == [order]


async def test_a_list_tells_what_it_holds(orders: Orders) -> None:
    await orders.caller.call("POST", "/orders", orders.body(SENT))
    listed = (await orders.caller.call("GET", "/orders")).body
    assert {name: listed[name] for name in orders.wrapping.known} == orders.wrapping.known


async def test_a_change_is_found_in_the_item(orders: Orders) -> None:
    call = orders.caller.call
    id_ = orders.id((await call("POST", "/orders", orders.body(SENT))).body)
    path = f"/orders/{id_}"
    replaced = await call("PUT", path, orders.body({"customer": "Grace"}))
    order = orders.shown(replaced.body)
    assert (replaced.status, orders.id(replaced.body)) == (200, id_)
    assert (order["customer"], "pieces" in order) == ("Grace", False)
    patched = await call("PATCH", path, orders.body({"pieces": 7}))
    assert (patched.status, orders.shown(patched.body)) == (200, {**order, "pieces": 7})
    assert orders.shown((await call("GET", path)).body) == {**order, "pieces": 7}
    assert (await call("DELETE", path)).status == 204
    assert (await call("GET", path)).status == 404
    assert await orders.listed() == []


@pytest.mark.parametrize(
    "body", [{}, {"order": "text"}, {"order": None}, {"order": []}, {"order": {"customer": 7}}, []]
)
async def test_a_wrapped_body_of_a_wrong_type_is_refused_and_makes_nothing(
    tmp_path: Path, body: Any
) -> None:
    wrapping = WRAPPINGS["the name of the item, alike"]
    async with mocking(tmp_path, wrapped(wrapping)) as caller:
        assert (await caller.call("POST", "/orders", body)).status == 400
        assert await Orders(caller, wrapping).listed() == []


@pytest.mark.parametrize("order", ["text", None, [], [[]], 7])
async def test_whatever_a_free_contract_takes_makes_an_item(tmp_path: Path, order: Any) -> None:
    contract = wrapped(WRAPPINGS["the name of the item, alike"]).replace('"type": "object", ', "")
    async with mocking(tmp_path, contract) as caller:
        made = await caller.call("POST", "/orders", {"order": order})
        assert made.status == 201
        assert (await caller.call("GET", made.headers["location"])).body == made.body
