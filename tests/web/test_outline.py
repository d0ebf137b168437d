"""The outline of a document has all that its reader wants to know."""

from __future__ import annotations

from tallystick import web
from tallystick.contract.document import read_documents
from tallystick.web.outline import outline

DOCUMENTS = read_documents()


def test_an_answer_shows_the_error_codes_that_it_can_carry() -> None:
    document = next(d for d in DOCUMENTS if d.api == "eventgrid")
    found = {operation.id: operation for operation in outline(document).operations}
    answers = {answer.status: list(answer.codes) for answer in found["listEventChannels"].responses}

    assert answers["400"] == ["EG.00014000"]
    assert answers["200"] == []
    shown = b"<code>EG.00533012</code></a></dt><dd>An event is too large</dd>"
    publishing = ("publishEvents", "publishOfficialEvents")
    assert web.reference_page(document.api, [document]).html.count(shown) == len(publishing)
