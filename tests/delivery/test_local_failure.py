"""A reason of this process's own ends no delivery, and blames no endpoint."""

from __future__ import annotations

import errno
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tallystick.delivery import (
    Addresses,
    AddressRefused,
    AttemptOutcome,
    DeliveryFailure,
    OutgoingRequest,
    Sender,
)
from tallystick.delivery.local_failure import is_local, refusal
from tallystick.delivery.schedule import SCHEDULE_MS
from tallystick.store import DatabaseUnavailable

pytestmark = pytest.mark.anyio

LONGEST_PAUSE_S = 5 * 60


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("can't start new thread"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        OSError(errno.EMFILE, "Too many open files"),
        OSError(errno.ENFILE, "Too many open files in system"),
        OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"),
        OSError(errno.ENETUNREACH, "Network is unreachable"),
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
    ],
    ids=repr,
)
def test_what_this_machine_lacks_is_local(error: Exception) -> None:
    assert is_local(error)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ECONNREFUSED, "Connection refused"),
        OSError(errno.EHOSTUNREACH, "No route to host"),
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        ValueError(),
    ],
    ids=repr,
)
def test_what_an_endpoint_does_is_not_local(error: Exception) -> None:
    assert not is_local(error)


def test_an_address_that_a_setting_forbids_names_the_setting_and_a_bad_url_is_final() -> None:
    with pytest.raises(AddressRefused) as refused:
        Addresses().check_url("http://127.0.0.1/")
    assert refusal(refused.value).outcome is AttemptOutcome.FORBIDDEN
    assert "TALLYSTICK_DELIVERY_NETWORKS" in str(refusal(refused.value))
    with pytest.raises(AddressRefused) as refused:
        Addresses().check_url("ftp://127.0.0.1/")
    assert refusal(refused.value).outcome is AttemptOutcome.UNDELIVERABLE


@asynccontextmanager
async def lacking(monkeypatch: pytest.MonkeyPatch, error: Exception) -> AsyncIterator[None]:
    """Let every socket that is made fail so."""

    def fail(*_: object) -> Any:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("tallystick.delivery.transport.socket.socket", fail)
        yield


async def test_without_files_a_delivery_waits_however_long_and_arrives_then(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = 2 * len(SCHEDULE_MS)
    async with lacking(monkeypatch, OSError(errno.EMFILE, "Too many open files")):
        event = await world.send(f"{endpoint.url}/ok")
        await world.deliver()
        for _ in range(attempts - 1):
            await world.pass_time(LONGEST_PAUSE_S)
    delivery = await world.only(event)
    assert (delivery.state, delivery.attempts, delivery.tries) == ("pending", attempts, 0)
    assert "Too many open files" in delivery.detail
    assert set(await world.outcomes(event)) == {"local"}
    assert not await world.outbox.list_disabled_targets("test")
    await world.pass_time(LONGEST_PAUSE_S)
    assert await world.states(event) == ["done"]


async def test_the_first_pause_for_a_local_reason_is_a_minute(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lacking(monkeypatch, OSError(errno.ENFILE, "Too many open files in system")):
        event = await world.send(f"{endpoint.url}/ok")
        await world.deliver()
    await world.pass_time(59)
    assert await world.states(event) == ["pending"]
    await world.pass_time(1)
    assert await world.states(event) == ["done"]


async def test_without_its_database_a_delivery_waits_and_keeps_its_attempts(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def read(*_: object) -> Any:
        raise DatabaseUnavailable

    event = await world.send(f"{endpoint.url}/ok")
    with monkeypatch.context() as patched:
        patched.setattr(world.adapter, "build_request", read)
        await world.deliver()
    delivery = await world.only(event)
    assert (delivery.state, delivery.attempts, delivery.tries) == ("pending", 1, 0)
    assert delivery.detail == "The database is not available."
    assert not caplog.messages
    await world.pass_time(60)
    assert await world.outcomes(event) == ["local", "delivered"]


async def test_without_a_name_server_a_delivery_waits(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr("tallystick.delivery.resolver.NameResolver.resolve", fail)
    event = await world.send("http://somewhere.example/")
    await world.deliver()
    delivery = await world.only(event)
    assert (delivery.state, delivery.tries) == ("pending", 0)
    assert delivery.detail.endswith("Temporary failure in name resolution")
    assert await world.outcomes(event) == ["local"]


async def test_without_memory_a_delivery_waits(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> Any:
        raise MemoryError

    event = await world.send(f"{endpoint.url}/ok")
    with monkeypatch.context() as patched:
        patched.setattr(world.adapter, "build_request", fail)
        await world.deliver()
    assert await world.outcomes(event) == ["local"]
    await world.pass_time(60)
    assert await world.states(event) == ["done"]


async def test_what_one_process_may_not_send_waits_for_one_that_may(
    world: Any, endpoint: Any
) -> None:
    """A worker without the server's networks had made most of its deliveries dead."""
    await world.dispatcher.close()
    worker = world.dispatcher_without_networks()
    sent = [await world.send(f"{endpoint.url}/ok") for _ in range(3)]
    await worker.open()
    await worker.settle()
    for event in sent:
        delivery = await world.only(event)
        assert (delivery.state, delivery.tries) == ("pending", 0)
        assert "TALLYSTICK_DELIVERY_NETWORKS" in delivery.detail
        assert await world.outcomes(event) == ["forbidden"]
    await worker.close()
    await world.dispatcher.open()
    await world.pass_time(60)
    assert [await world.states(event) for event in sent] == [["done"]] * 3


# One process has an SQLite file.
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_two_processes_of_which_one_may_send_deliver_everything(
    world: Any, endpoint: Any
) -> None:
    worker = world.dispatcher_without_networks()
    await worker.open()
    sent = [await world.send(f"{endpoint.url}/ok") for _ in range(100)]
    for _ in range(10):
        await worker.settle()
        await world.pass_time(LONGEST_PAUSE_S)
    assert {tuple(await world.states(event)) for event in sent} == {("done",)}
    await worker.close()


async def test_a_process_leaves_an_endpoint_alone_that_it_may_not_send_to(
    world: Any, endpoint: Any
) -> None:
    await world.dispatcher.close()
    worker = world.dispatcher_without_networks()
    await worker.open()
    await world.send(f"{endpoint.url}/ok")
    await worker.settle()
    later = [await world.send(f"{endpoint.url}/ok") for _ in range(50)]
    await worker.settle()
    assert sum([(await world.only(event)).attempts for event in later]) == 0
    world.clock.seconds += 5
    await worker.settle()
    assert sum([(await world.only(event)).attempts for event in later]) == 1
    await worker.close()


async def test_a_url_that_is_none_is_dead_at_once(world: Any) -> None:
    world.adapter.urls["000"] = "ftp://example.org/"
    event = await world.send_to_target("000", "http://example.org")
    await world.deliver()
    assert await world.states(event) == ["dead"]
    assert await world.outcomes(event) == ["undeliverable"]
    assert (await world.only(event)).detail == "url: must be an http or https URL"


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
async def test_a_host_that_no_name_server_can_be_asked_for_is_final(host: str) -> None:
    sender = Sender(Addresses())
    with pytest.raises(DeliveryFailure) as refused:
        await sender.send_request(OutgoingRequest("GET", f"http://{host}/"))
    await sender.close()
    assert refused.value.outcome is AttemptOutcome.UNDELIVERABLE


async def test_a_request_that_can_not_be_built_here_holds_up_no_other_tenant_of_its_endpoint(
    world: Any, endpoint: Any
) -> None:
    build_request = world.adapter.build_request

    async def lack_the_key(delivery: Any, event: Any) -> OutgoingRequest:
        if delivery.target == "000":
            raise DeliveryFailure(AttemptOutcome.LOCAL, "the key is lacking")
        request: OutgoingRequest = await build_request(delivery, event)
        return request

    world.adapter.build_request = lack_the_key
    lacking = [await world.send(f"{endpoint.url}/400") for _ in range(30)]
    served = [await world.send(f"{endpoint.url}/ok") for _ in range(30)]
    await world.deliver()
    assert {tuple(await world.states(event)) for event in served} == {("done",)}
    assert {tuple(await world.states(event)) for event in lacking} == {("pending",)}
    # The lane rests meanwhile, and not every delivery of it is tried in vain.
    await world.pass_time(60)
    assert sum([(await world.only(event)).attempts for event in lacking]) < 2 * len(lacking)


async def test_a_host_that_an_event_chose_is_no_reason_to_leave_others_alone(
    world: Any, endpoint: Any
) -> None:
    async def build_request(_: Any, event: Any) -> OutgoingRequest:
        return OutgoingRequest("POST", event.data.decode(), body=b"{}")

    world.adapter.build_request = build_request
    template = "http://${.body.host}/"
    forbidden = [await world.send_to_target("1", template, b"http://10.0.0.1/") for _ in range(10)]
    await world.deliver()
    allowed = await world.send_to_target("1", template, f"{endpoint.url}/ok".encode())
    await world.deliver()
    assert {tuple(await world.states(event)) for event in forbidden} == {("pending",)}
    assert await world.states(allowed) == ["done"]
