"""The joined contract for Connexion, and the schema of OpenAPI 3.0 for our documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
from connexion.spec import OpenAPISpecification

from tallystick.contract.document import ContractError, Document


class ContractSpecification(OpenAPISpecification):  # type: ignore[misc]  # Connexion is untyped
    """A contract that was validated before.

    Connexion's own validation, and its copies with references replaced, take longer than the rest
    of a start together; the compiled operations follow references themselves.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._raw_spec = self._spec = document


def refuse_invalid(document: Document) -> None:
    """Raise a `ContractError` where a document breaks the schema of OpenAPI 3.0."""
    rules = jsonschema_rs.Draft4Validator(OpenAPISpecification.openapi_schema)
    for error in rules.iter_errors(document.content):
        place = " → ".join(map(str, error.instance_path))
        raise ContractError(f"{document.api}.yaml, at {place}: {error.message}")
