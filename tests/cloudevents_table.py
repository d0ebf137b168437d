"""The table of `docs/eventgrid-cloudevents.md`: events, and whether they are taken."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

PAGE = Path(__file__).parent.parent / "docs" / "eventgrid-cloudevents.md"
TAKEN = "taken"
REFUSED = "refused"
FAILS_ALONE = "fails alone"

_ROW = re.compile(rf"^\| (.+) \| ({TAKEN}|{REFUSED}|{FAILS_ALONE}) \| .+ \|$", re.MULTILINE)
_WITHOUT = "without "


class TableRow(NamedTuple):
    """One row: how it changes the page's event, and the answer."""

    change: str
    answer: str

    def event(self, source: str) -> dict[str, Any]:
        """Return the event to publish, of a source of yours."""
        event = {"id": "1", "source": source, "specversion": "1.0", "type": "t", "data": {"n": 1}}
        if self.change.startswith(_WITHOUT):
            return {n: v for n, v in event.items() if n != self.change.removeprefix(_WITHOUT)}
        change: dict[str, Any] = json.loads(self.change)
        return event | change

    def delivered(self, source: str) -> dict[str, Any]:
        """Return the event that its targets get."""
        event = self.event(source)
        named = {name.replace("data_schema", "dataschema"): v for name, v in event.items()}
        if type_ := named.get("datacontenttype"):
            named["datacontenttype"] = type_.replace("Application/JSON", "application/json")
        return {name: v for name, v in named.items() if v is not None or name == "data"}


def read_rows() -> list[TableRow]:
    """Return all rows of the page."""
    found = _ROW.findall(PAGE.read_text(encoding="utf-8"))
    return [TableRow(change.replace("`", ""), answer) for change, answer in found]
