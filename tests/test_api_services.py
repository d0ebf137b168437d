"""Each contract has its service and the shape of its errors, found by its name alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from manual_clock import ManualClock
from stored import Stored
from tallystick.api_services import bind_services, create_services
from tallystick.apis.charon.service import CharonService
from tallystick.apis.event_store.service import EventStoreService
from tallystick.apis.keys import ApiKeys
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.document import read_api, read_document, read_documents
from tallystick.contract.exceptions import NotFound
from tallystick.delivery import Addresses, Outbox, Sender
from tallystick.encryption import Encryptor
from tallystick.events import EventLog
from tallystick.settings import Settings


@pytest.fixture
def context() -> Iterator[ServiceContext]:
    with Stored.opened() as stored:
        clock, database = ManualClock(), stored.database
        sender = Sender(Addresses(()))
        keys, outbox = ApiKeys(database, clock), Outbox(database, clock, sender)
        log = EventLog(database, clock, 100)
        yield ServiceContext(Settings(), clock, database, log, keys, outbox, Encryptor())
        stored.run(sender.close())


def test_a_service_is_named_as_its_contract(context: ServiceContext) -> None:
    services = create_services([read_api("charon"), read_api("event_store")], context)
    assert list(services) == ["charon", "event_store"]
    assert isinstance(services["charon"], CharonService)
    assert isinstance(services["event_store"], EventStoreService)


def test_every_contract_has_a_service_and_tells_problems_in_a_shape(
    context: ServiceContext,
) -> None:
    documents = read_documents()
    services = create_services(documents, context)
    for binding in bind_services(documents, services):
        assert binding.service is services[binding.document.api]
        assert binding.codes == binding.document.codes
        assert binding.render(NotFound(), binding.codes).status == 404


def test_no_two_services_have_one_credential(context: ServiceContext) -> None:
    services = create_services(read_documents(), context).values()
    names = [name for service in services for name in service.credentials]
    assert len(names) == len(set(names)) > 0


def test_a_contract_without_a_service_is_refused(context: ServiceContext) -> None:
    parcels = read_document("parcels", b"openapi: 3.0.3\npaths: {}")
    with pytest.raises(ModuleNotFoundError, match=r"tallystick\.apis\.parcels"):
        create_services([parcels], context)
