"""Curl lines have all that a call needs."""

from __future__ import annotations

import shlex

from tallystick.contract.document import read_documents
from tallystick.web.outline import outline

DOCUMENTS = read_documents()


def test_a_curl_line_has_what_is_required_and_nothing_else() -> None:
    lines = {o.id: o.curl for d in DOCUMENTS for o in outline(d).operations}

    assert shlex.split(lines["listStoredEvents"].replace("\\\n", "")) == [
        "curl",
        "-H",
        "Authorization: Bearer $GATEWAY_KEY",
        "http://127.0.0.1:8080/gateway/v1/events",
    ]
    assert "me=Operation+successful" in lines["createEventFromQuery"]
    assert "im=" not in lines["createEventFromQuery"]
