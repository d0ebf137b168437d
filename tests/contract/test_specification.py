"""Each document of ours is held to OpenAPI's own schema before it is served."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tallystick.contract.document import (
    ContractError,
    Document,
    join_documents,
    list_apis,
    read_api,
    read_documents,
)
from tallystick.contract.specification import ContractSpecification, refuse_invalid


def changeable(api: str) -> tuple[Document, Any]:
    """A document, and its content, which may be changed."""
    content: Any = deepcopy(read_api(api).content)
    return read_api(api)._replace(content=content), content


@pytest.mark.parametrize("api", list_apis())
def test_the_documents_keep_openapi_s_schema(api: str) -> None:
    refuse_invalid(read_api(api))


def test_connexion_gets_the_documents_as_one() -> None:
    joined = join_documents(read_documents())
    assert ContractSpecification(joined).raw == joined


def test_an_operation_without_answers_is_refused_with_its_place() -> None:
    document, content = changeable("event_store")
    del content["paths"]["/create"]["get"]["responses"]
    place = r"event_store.yaml, at paths → /create → get: .*responses"
    with pytest.raises(ContractError, match=place):
        refuse_invalid(document)


def test_a_parameter_in_no_known_place_is_refused() -> None:
    document, content = changeable("eventhos")
    content["paths"]["/event/send"]["post"]["parameters"].append(
        {"name": "x", "in": "nowhere", "schema": {"type": "string"}}
    )
    with pytest.raises(ContractError, match=r"at paths → /event/send → post → parameters"):
        refuse_invalid(document)
