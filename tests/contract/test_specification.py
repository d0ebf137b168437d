"""The contract is held to OpenAPI's own schema before it is served."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tallystick.contract.document import ContractError, join_documents, read_documents
from tallystick.contract.specification import ContractSpecification, refuse_invalid


@pytest.fixture
def joined() -> dict[str, Any]:
    return deepcopy(join_documents(read_documents()))


def test_the_documents_keep_openapi_s_schema(joined: dict[str, Any]) -> None:
    refuse_invalid(joined)
    assert ContractSpecification(joined).raw == joined


def test_an_operation_without_answers_is_refused_with_its_place(joined: dict[str, Any]) -> None:
    del joined["paths"]["/create"]["get"]["responses"]
    with pytest.raises(ContractError, match=r"at paths → /create → get: .*responses"):
        refuse_invalid(joined)


def test_a_parameter_in_no_known_place_is_refused(joined: dict[str, Any]) -> None:
    joined["paths"]["/event/send"]["post"]["parameters"].append(
        {"name": "x", "in": "nowhere", "schema": {"type": "string"}}
    )
    with pytest.raises(ContractError, match=r"at paths → /event/send → post → parameters"):
        refuse_invalid(joined)
