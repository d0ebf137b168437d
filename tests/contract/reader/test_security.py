"""Security in the normal form: explicit at each operation, and never less than was asked for."""

from __future__ import annotations

import pytest

from contract_reading import Read

SCHEMES = """
components:
  securitySchemes:
    key: {type: apiKey, name: X-Key, in: header}
    token: {$ref: '#/components/securitySchemes/bearer'}
    bearer: {type: http, scheme: bearer}
    broken: {type: apiKey, name: X-Key}
"""


def document(at_top: str, own: str = "") -> str:
    return f"""{SCHEMES}{at_top}
paths:
  /a: {{get: {{{own} responses: {{}}}}}}
  /b: {{get: {{security: [], responses: {{}}}}}}
"""


def test_the_document_s_security_goes_for_each_operation_without_its_own(read: Read) -> None:
    contract = read(document("security: [{key: [], token: [a]}, {}]"))

    [(_, _, a), (_, _, b)] = contract.document.operations()
    assert a["security"] == [{"crm.key": [], "crm.token": ["a"]}, {}]
    assert b["security"] == []
    assert contract.document.components["securitySchemes"]["crm.token"] == {
        "type": "http",
        "scheme": "bearer",
    }


@pytest.mark.parametrize("own", ["[{no: []}]", "[{broken: []}]", "{key: []}", "[key]"])
def test_an_operation_whose_only_schemes_are_unknown_is_left_out(read: Read, own: str) -> None:
    contract = read(document("", f"security: {own},"))

    assert [path for path, _, _ in contract.document.operations()] == ["/b"]
    assert "crm.broken" not in contract.document.components["securitySchemes"]


def test_an_unknown_scheme_beside_a_known_one_is_left_out(read: Read) -> None:
    contract = read(document("", "security: [{no: []}, {key: []}],"))

    [(_, _, a), _] = contract.document.operations()
    assert a["security"] == [{"crm.key": []}]
    assert "security-unknown" in [fault.rule for fault in contract.faults]


def test_a_word_that_http_can_t_say_and_a_challenge_of_several_lines_are_told(read: Read) -> None:
    contract = read("""
        components:
          securitySchemes:
            odd: {type: http, scheme: 'bä rer'}
            lines: {type: http, scheme: bearer, x-challenge: "a\\r\\nb: c"}
            stray: {type: http, scheme: bearer, flows: 5}
            empty: {type: oauth2, flows: {implicit: {scopes: null}}}
        paths: {/a: {get: {responses: {'200': {description: D}}}}}
        """)

    schemes = contract.document.components["securitySchemes"]
    assert schemes.keys() == {"crm.lines", "crm.stray", "crm.empty"}
    assert schemes["crm.lines"] == schemes["crm.stray"] == {"type": "http", "scheme": "bearer"}
    assert [fault.rule for fault in contract.faults] == ["security-invalid", "member-invalid"]
    assert contract.document.scopes == {}
