"""The item that a call is about: its type, its id, and the place of it in the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tallystick.apis.generic.item_id import id_at
from tallystick.apis.generic.item_place import WHOLE, Place, part_at
from tallystick.apis.generic.operations import ContractCall
from tallystick.apis.generic.resource_store import Item
from tallystick.apis.generic.resource_type import MAX_ID, ResourceType, is_id
from tallystick.contract.exceptions import Invalid, Violation


def type_of(call: ContractCall) -> ResourceType:
    """Return the type of a call's item."""
    assert call.operation.resource
    return call.operation.resource.type


def id_of(call: ContractCall) -> Any:
    """Return the id of the item that a call is about: in its path, or else in its body."""
    kind = type_of(call)
    if kind.parameter in call.path_values:
        return call.path_values[kind.parameter]
    return sent_id(call, call.sent if isinstance(call.sent, Mapping) else {})


def sent_id(call: ContractCall, item: Item) -> str | int | float:
    """Return the id that an item was sent with; raise `Invalid` if it can't be one."""
    id_ = id_at(item, type_of(call).id_place)
    if isinstance(id_, str | int | float) and is_id(str(id_)):
        return id_
    message = f"must be a number, or a text of 1 to {MAX_ID} whole characters"
    raise bad_id(call, id_, "id", message)


def bad_id(call: ContractCall, id_: Any, keyword: str, message: str) -> Invalid:
    """Return the refusal of a sent id, by its parameter or by its place in the body."""
    kind = type_of(call)
    if kind.id_name in call.query and call.query[kind.id_name] == id_:
        return Invalid([Violation("query", kind.id_name, keyword, None, message)])
    place = kind.id_place
    return as_sent(call, [Violation("body", place[0], keyword, None, message, place)])


def as_sent(call: ContractCall, violations: Sequence[Violation]) -> Invalid:
    """Return the refusal of an item, each place in it as the body has it."""
    return Invalid([_in_body(call, each) for each in violations])


def _in_body(call: ContractCall, violation: Violation) -> Violation:
    assert call.operation.resource
    sent = call.operation.resource.sent
    if not isinstance(call.body, Mapping):
        return violation  # the paths of a JSON Patch begin at the item
    outer: Place = sent.place if part_at(call.body, sent.place) is not call.body else WHOLE
    path = (*outer, *violation.path[len(sent.into) :])
    return violation._replace(name=str(path[0]) if path else "", path=path)
