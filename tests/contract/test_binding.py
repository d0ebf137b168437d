"""Connexion's resolver binds each operationId to its function."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from connexion.resolver import Resolver
from tallystick.handlers import event_store, keyastrom

from tallystick.contract.binding import bound_handlers, resolver
from tallystick.contract.document import (
    ContractError,
    Document,
    join_documents,
    read_document,
    read_documents,
)
from tallystick.contract.specification import ContractSpecification

DOCUMENT = """
openapi: 3.0.3
info: {title: An API of one operation, version: '1'}
paths: {/ones: {get: {operationId: listOnes, responses: {default: {description: All.}}}}}
"""


@pytest.fixture
def document() -> Document:
    return read_document("ones", DOCUMENT.encode())


def load(document: Document) -> object:
    """The function of the document's operation."""
    specification = ContractSpecification(join_documents([document]))
    return bound_handlers(specification, resolver([document]))["listOnes"]


def test_every_operation_of_the_contracts_has_its_handler() -> None:
    documents = read_documents()
    specification = ContractSpecification(join_documents(documents))
    handlers = bound_handlers(specification, resolver(documents))

    assert handlers.keys() == {o["operationId"] for d in documents for _, _, o in d.operations()}
    assert handlers["createEvent"] is event_store.create_event
    assert handlers["ingestEventOfPlatform"] is keyastrom.ingest_event


def test_the_module_that_a_contract_names_leaves_the_operation_id_as_it_is() -> None:
    text = DOCUMENT.replace("operationId", "x-openapi-router-controller: shop.ones, operationId")
    named = read_document("ones", text.encode())
    specification = ContractSpecification(join_documents([named]))
    found = bound_handlers(specification, resolver([named], {"listOnes": print}))
    assert found == {"listOnes": print}


def test_any_resolver_of_connexion_can_bind(document: Document) -> None:
    specification = ContractSpecification(join_documents([document]))
    assert bound_handlers(specification, Resolver(lambda _: print)) == {"listOnes": print}


def test_an_api_without_handlers_is_refused_with_its_name(document: Document) -> None:
    with pytest.raises(ContractError, match=r"ones\.yaml names listOnes, .*tallystick\.handlers"):
        load(document)


def test_a_handler_that_is_missing_is_refused_with_its_name(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tallystick.handlers.ones", ModuleType("ones"))
    with pytest.raises(ContractError, match=r"ones\.yaml names listOnes, .*list_ones"):
        load(document)


def test_a_name_that_is_no_function_is_refused(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("ones")
    module.list_ones = "text"  # type: ignore[attr-defined]  # the module is made here
    monkeypatch.setitem(sys.modules, "tallystick.handlers.ones", module)
    with pytest.raises(ContractError, match="list_ones is not a function"):
        load(document)
