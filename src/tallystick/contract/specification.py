"""The joined contract as Connexion holds it, held to OpenAPI's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
from connexion.spec import OpenAPISpecification

from tallystick.contract.document import ContractError


class ValidatedSpecification(OpenAPISpecification):  # type: ignore[misc]  # Connexion is untyped
    """A document that keeps the schema of OpenAPI 3.0; a `ContractError` says where it doesn't.

    Connexion's own judge and its copies without references take longer than all the rest of a
    start, and the compiled operations read references themselves.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        rules = jsonschema_rs.Draft4Validator(self.openapi_schema)
        for error in rules.iter_errors(document):
            place = " → ".join(map(str, error.instance_path))
            raise ContractError(f"at {place}: {error.message}")
        self._raw_spec = self._spec = document
