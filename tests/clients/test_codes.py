"""Error codes become constants of a program."""

from __future__ import annotations

import pytest

from tallystick.clients.codes import identifier, list_constants
from tallystick.contract.document import read_document

DOCUMENT = b"""
openapi: 3.0.3
info: {title: Parcels, version: '1'}
x-codes:
  W000: {status: 400, message: is missing.}
  W001: {status: 400, message: invalid target address}
  '401': {status: 401, message: No key.}
  401-missing: {status: 401, message: No header.}
paths: {}
components:
  schemas:
    Note: {type: string, x-error-codes: {required: W000, format: W001}}
"""


@pytest.mark.parametrize(("code", "name"), [("EG.001", "EG001"), ("404", "E404"), ("M-4", "M4")])
def test_a_code_is_a_name_that_every_language_allows(code: str, name: str) -> None:
    assert identifier(code) == name


def test_a_code_says_its_meaning_once_and_of_what() -> None:
    assert list_constants(read_document("parcels", DOCUMENT)) == [
        {"name": "W000", "value": "W000", "status": "400", "meaning": "Note is missing."},
        {"name": "W001", "value": "W001", "status": "400", "meaning": "Invalid target address."},
        {"name": "E401", "value": "401", "status": "401", "meaning": "No key."},
    ]
