"""Scopes stand in the contract, and the contract is asked for them in one place."""

from __future__ import annotations

import pytest

from tallystick.contract.document import ContractError, join_documents, read_document

OWNER = """
openapi: 3.0.3
info: {title: T, version: '1'}
security: [{ownerKey: []}]
x-scopes:
  boats:read: See boats
paths:
  /a:
    get: {operationId: listBoats, x-required-scopes: [boats:read], responses: {}}
"""
GUEST = """
openapi: 3.0.3
info: {title: T, version: '1'}
security: [{ownerKey: []}]
paths:
  /b:
    get: {operationId: rowBoat, x-required-scopes: [SCOPE], x-errors: owner, responses: {}}
"""


def join(scope: str) -> None:
    guest = GUEST.replace("SCOPE", scope).encode()
    join_documents([read_document("owner", OWNER.encode()), read_document("guest", guest)])


def test_a_document_has_the_scopes_of_its_keys() -> None:
    assert read_document("owner", OWNER.encode()).scopes == {"boats:read": "See boats"}
    assert read_document("guest", GUEST.encode()).scopes == {}


def test_a_scope_that_the_api_of_the_key_does_not_know_is_refused_at_the_start() -> None:
    join("boats:read")
    with pytest.raises(ContractError, match=r"guest.yaml, GET /b, .*: boats:row is not in x-scop"):
        join("boats:row")
