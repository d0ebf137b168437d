"""Small contracts, each without one feature: what a client needs for it is left out too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tallystick.clients import read_contract
from tallystick.contract.document import Document

Contract = dict[str, Any]

_FULL = """
openapi: 3.0.3
info: {title: Small, version: '1'}
security: [{key: []}]
paths:
  /things/{id}:
    put:
      operationId: changeThing
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses: &answers
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        '404':
          description: None.
          content: {application/json: {schema: {$ref: '#/components/schemas/Refusal'}}}
  /things:
    get:
      operationId: findThing
      parameters:
        - {name: kind, in: query, schema: {$ref: '#/components/schemas/Kind'}}
        - {name: class, in: query, schema: {type: string}}
        - {name: in, in: query, schema: {type: string}}
      responses: *answers
  /parts:
    get:
      operationId: listParts
      parameters:
        - {name: of, in: query, required: true, schema: {type: string}}
        - {name: $top, in: query, schema: {type: integer}}
        - {name: cursor, in: query, schema: {type: string}}
      responses:
        '200':
          description: Some.
          content: {application/json: {schema: {$ref: '#/components/schemas/Parts'}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
  schemas:
    Kind: {type: string, enum: [large, small]}
    Refusal: {type: object, properties: {code: {type: string}, message: {type: string}}}
    Parts:
      type: object
      required: [next-cursor]
      properties:
        the-parts: {type: array, items: {$ref: '#/components/schemas/Thing'}}
        next-cursor: {type: string}
    Thing:
      type: object
      required: [name]
      properties:
        name: {type: string}
        kind: {$ref: '#/components/schemas/Kind'}
        since: {type: string, format: date-time}
        class: {type: string}
        $ref: {type: string}
        2nd: {type: string}
        more: {type: object, additionalProperties: {type: string}}
"""


def _operations(contract: Contract) -> list[dict[str, Any]]:
    return [operation for item in contract["paths"].values() for operation in item.values()]


def _leave_query_out(contract: Contract) -> None:
    for path in ("/things", "/parts"):
        contract["paths"].get(path, {"get": {}})["get"].pop("parameters", None)


def _leave_body_out(contract: Contract) -> None:
    contract["paths"]["/things/{id}"]["put"].pop("requestBody")


def _leave_answer_out(contract: Contract) -> None:
    for operation in _operations(contract):
        operation["responses"] = {
            "204": {"description": "Nothing."},
            **{key: each for key, each in operation["responses"].items() if key >= "4"},
        }


def _leave_path_out(contract: Contract) -> None:
    operation = contract["paths"].pop("/things/{id}")["put"]
    del operation["parameters"]
    contract["paths"]["/things"]["put"] = operation


def _leave_error_out(contract: Contract) -> None:
    for operation in _operations(contract):
        operation["responses"].pop("404", None)
    del contract["components"]["schemas"]["Refusal"]


def _leave_enum_out(contract: Contract) -> None:
    contract["components"]["schemas"]["Kind"] = {"type": "string"}


def _leave_time_out(contract: Contract) -> None:
    del contract["components"]["schemas"]["Thing"]["properties"]["since"]


def _leave_all_but_one_out(contract: Contract) -> None:
    """Keep one operation without parameters, body, answer, objects or credential."""
    del contract["paths"]["/things/{id}"], contract["paths"]["/parts"]
    for leave_out in (_leave_query_out, _leave_answer_out, _leave_error_out):
        leave_out(contract)
    del contract["security"], contract["components"]


_WITHOUT: Mapping[str, Callable[[Contract], None]] = {
    "no_query": _leave_query_out,
    "no_body": _leave_body_out,
    "no_answer": _leave_answer_out,
    "no_path": _leave_path_out,
    "no_error": _leave_error_out,
    "no_enum": _leave_enum_out,
    "no_time": _leave_time_out,
    "only_one": _leave_all_but_one_out,
}

SMALL = tuple(_WITHOUT)
"""The names of the contracts, each of what it lacks."""


UNUSUAL = Path(__file__).with_name("unusual.yaml")
"""A contract with names, texts and schemas that few have."""


def read_small_contract(name: str, folder: Path) -> Document:
    """Return a contract, written into a folder."""
    # PyYAML gives the two uses of an anchor one object, so each is copied.
    contract = yaml.safe_load(yaml.dump(yaml.safe_load(_FULL), Dumper=_NoAliases))
    _WITHOUT[name](contract)
    file = folder / f"{name}.yaml"
    file.write_text(yaml.dump(contract, Dumper=_NoAliases), encoding="utf-8")
    return read_contract(str(file)).document


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, _data: object) -> bool:
        return True
