"""The files of ``apis/``: a misspelt one would be a check that is silently left out."""

from __future__ import annotations

import pytest

from .api_facts import BadApiFacts, judged_apis, parse_facts
from .event_calls import list_event_calls


@pytest.mark.parametrize(
    ("text", "objection"),
    [
        ("settings: {}\nfuz: {}\n", r"apis/x\.yaml, line 2: .*'fuz'"),
        ("fuzz:\n  auth: {}\n  refusal: []\n", "line 3: .*'refusal'"),
        ("credentials:\n  key:\n    header: x-api-key\n", "line 2: "),
        ("credentials:\n  key: {value: a secret}\n", "line 2: "),
        ("pages:\n  Body: 1\n  Body: 2\n", "given twice"),
        ("pages: {Body: [1]}\n", "line 1: "),
        ("events:\n  - request: {method: POST}\n", "line 2: .*path"),
        ("events:\n  - request: {method: POST, path: /x, jsn: 1}\n", "line 2: .*'jsn'"),
        ("[]\n", "line 1: "),
    ],
)
def test_a_misspelt_file_is_refused_with_its_line(text: str, objection: str) -> None:
    with pytest.raises(BadApiFacts, match=objection):
        parse_facts(text, "x.yaml")


@pytest.mark.parametrize("api", judged_apis())
def test_of_every_api_a_call_is_known_that_has_an_event_accepted(api: str) -> None:
    assert list_event_calls(api) != []
