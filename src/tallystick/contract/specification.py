"""The joined contract for Connexion, validated against the schema of OpenAPI 3.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
from connexion.spec import OpenAPISpecification

from tallystick.contract.document import ContractError


class ValidatedSpecification(OpenAPISpecification):  # type: ignore[misc]  # Connexion is untyped
    """A valid OpenAPI 3.0 document; raises `ContractError` with the place of the first fault.

    Connexion's own validation, and its copies with references replaced, take longer than the rest
    of a start together; the compiled operations follow references themselves.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        rules = jsonschema_rs.Draft4Validator(self.openapi_schema)
        for error in rules.iter_errors(document):
            place = " → ".join(map(str, error.instance_path))
            raise ContractError(f"at {place}: {error.message}")
        self._raw_spec = self._spec = document
