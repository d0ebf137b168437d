"""Every report tells all that the owner of a server needs."""

from __future__ import annotations

import io

from rich.console import Console

from gate.runs import FAILED, RUN
from tallystick.gate.html import html
from tallystick.gate.junit import junit
from tallystick.gate.sarif import sarif
from tallystick.gate.terminal import show


def test_every_report_tells_all_that_the_owner_needs() -> None:
    told = io.StringIO()
    show(RUN, Console(file=told, width=200))
    for text in (told.getvalue(), junit(RUN), html(RUN, "1"), sarif(RUN, "1")):
        for needed in (FAILED.sent, "C003", "openapi/event_store.yaml:104", "event_store.txt:12"):
            assert needed in text or needed.replace(":104", "") in text, needed
