"""References in the place of a mapping are followed, and told."""

from __future__ import annotations

from contract_reading import Read


def test_mappings_may_stand_in_files_of_their_own(read: Read) -> None:
    contract = read(
        """
        paths: {$ref: 'parts.yaml#/paths'}
        components:
          schemas: {$ref: 'parts.yaml#/schemas'}
          securitySchemes: {$ref: 'parts.yaml#/schemes'}
        """,
        parts="""
        paths:
          /cars:
            get:
              security: [{key: []}]
              responses: {$ref: '#/responses'}
        responses: {'200': {description: D, content: {$ref: '#/content'}}}
        content: {application/json: {schema: {$ref: 'crm.yaml#/components/schemas/Car'}}}
        schemas: {Car: {type: object}}
        schemes: {key: {type: apiKey, name: K, in: header}}
        """,
    )

    [(_, _, operation)] = contract.document.operations()
    assert operation["security"] == [{"crm.key": []}]
    assert operation["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/crm.Car"
    }
    assert contract.document.components["schemas"] == {"crm.Car": {"type": "object"}}
    assert [fault.rule for fault in contract.faults] == ["ref-misplaced"] * 5


def test_a_mapping_that_is_nowhere_keeps_its_operation_from_service(read: Read) -> None:
    contract = read(
        """
        paths:
          /cars: {get: {responses: {$ref: 'no.yaml'}}}
          /open: {get: {responses: {}}}
        """
    )

    assert [path for path, _, _ in contract.document.operations()] == ["/open"]
