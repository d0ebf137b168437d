"""Schemas are laid flat, a row a member."""

from __future__ import annotations

from typing import Any

from tallystick.contract.document import read_documents
from tallystick.web.outline import outline

DOCUMENTS = read_documents()


def test_members_of_members_stand_below_them() -> None:
    rows = _answer(outline(_document("gateway")), "listStoredEvents", "200").rows

    assert [(r.name, r.depth) for r in rows][:3] == [
        ("events", 0),
        ("specversion", 1),
        ("id", 1),
    ]


def _document(api: str) -> Any:
    return next(d for d in DOCUMENTS if d.api == api)


def _answer(api: Any, operation_id: str, status: str) -> Any:
    operation = next(o for o in api.operations if o.id == operation_id)
    return next(r for r in operation.responses if r.status == status).bodies[0]
