from __future__ import annotations

import re

import pytest

import vendor_clients
from vendor_clients import CLIENTS, PAGE, with_table


def test_the_page_has_a_row_for_each_client_in_the_version_that_is_run() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \S+ \((?:PyPI|npm)\) \| (.+) \|$", page, re.M)
    done = {name: sentences.split("; ") for name, sentences in rows}
    assert list(done) == list(CLIENTS)
    assert with_table(page, done) == page


def test_a_mark_without_a_client_stops_the_run(request: pytest.FixtureRequest) -> None:
    request.node.add_marker(pytest.mark.vendor_client("nobodys"))
    with pytest.raises(pytest.UsageError, match="nobodys is no client"):
        vendor_clients.client_of(request.node)
    request.node.own_markers.clear()


def test_the_name_of_a_test_is_what_its_client_does() -> None:
    assert vendor_clients.sentence_of("test_it_reads_events[plain]") == "reads events"
