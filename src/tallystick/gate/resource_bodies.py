"""The bodies that a sequence sends of a resource: other values, those at the edges, wrong ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.gate.resource_schemas import Keywords
from tallystick.gate.resource_values import (
    another_value,
    least_value,
    longest_own_text,
    most_value,
    out_of_bounds,
    own_text,
    value_of_another_type,
)
from tallystick.gate.resources import Resource


class ResourceBodies:
    """The bodies of one resource."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._schemas = resource.schemas
        item = resource.item
        methods = (each for each in ("patch", "put") if each in item)
        self.change_method = next((m for m in methods if self._schemas.sent_members(item[m])), None)
        """The method that changes one, if there is any."""
        change = item[self.change_method] if self.change_method else None
        self._change: Mapping[str, Any] | None = change
        self._changeable = self._but_id(self._schemas.sent_members(change) if change else {})
        self._members = self._but_id(self._schemas.sent_members(resource.post))
        self._required = self._schemas.required_members(resource.post)

    @property
    def changed(self) -> dict[str, Any]:
        """Return other values of the members that can be changed and may have any value."""
        return self._others(self._changeable)

    @property
    def changed_whole(self) -> dict[str, Any]:
        """Return the members of one that was changed so."""
        return {**self._resource.body, **self.changed}

    @property
    def others(self) -> dict[str, Any]:
        """Return other values to make one with."""
        return self._but_own(self._others(self._members))

    @property
    def least(self) -> dict[str, Any]:
        """Return the least values to make one with, and null where it may be."""
        return {**self._least(self._resource.body, self._members), **_nothing(self._members)}

    @property
    def most(self) -> dict[str, Any]:
        """Return the greatest values to make one with."""
        body, members = self._resource.body, self._members
        known = self._but_own({n: body[n] for n in body if n in members}).items()
        most = {n: most_value(n, value, members[n]) for n, value in known}
        lists = {n: self._longer_list(value, members[n]) for n, value in known}
        own = self._resource.own & set(members)
        most |= {n: longest_own_text(n, body[n], members[n], "NEW_MOST") for n in own}
        return _told({**most, **_told(lists)})

    def emptied(self, body: Mapping[str, Any]) -> dict[str, None]:
        """Return null for each member of a body that may be changed to it."""
        return dict.fromkeys(name for name in _nothing(self._changeable) if name in body)

    def later_changes(self, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the values of further changes: what the change's sample has, and the least."""
        members = self._changeable
        sample = self._resource.sample_body(self._change) if self._change else {}
        known = self._but_own({n: body[n] for n in body if n in members and n in sample})
        yield {n: sample[n] for n in known if "enum" in members[n]}
        yield self._least(self._resource.body, members)

    def bare(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a body of required members, and the defaults that are shown of the others."""
        resource, members = self._resource, self._members
        always = self._required | resource.own
        body = {name: each for name, each in resource.body_of("BARE").items() if name in always}
        left_out = set(members) - set(body)
        shown = left_out & resource.shown.required
        return body, _told({name: members[name].get("default") for name in shown})

    def wrong_change(self, right: Mapping[str, Any]) -> dict[str, Any]:
        """Return a member with a wrong value for a change; empty if there is none beside these."""
        return _wrong(self._changeable, right)

    def wrong_creation(self, right: Mapping[str, Any]) -> dict[str, Any]:
        """Return a member with a wrong value to make one; empty if there is none beside these."""
        return _wrong(self._members, right)

    def own_texts(self, gap: str) -> dict[str, str]:
        """Return texts that no other one has, by their members; `gap` stands for what is new."""
        sample = self._resource.sample_body(self._resource.post)
        known = {n: value for n, value in sample.items() if n in self._members}
        texts = {n: own_text(value, self._members[n]) for n, value in known.items()}
        return {n: text.replace("@NEW@", f"@{gap}@") for n, text in texts.items() if text}

    def known_to(self, operation: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of a body that another operation takes too."""
        members = self._schemas.sent_members(operation)
        return {name: value for name, value in body.items() if name in members}

    def _others(self, members: Mapping[str, Keywords]) -> dict[str, Any]:
        body = self._resource.body
        return _told({n: another_value(body[n], members[n]) for n in body if n in members})

    def _least(self, body: Mapping[str, Any], members: Mapping[str, Keywords]) -> dict[str, Any]:
        known = self._but_own({n: body[n] for n in body if n in members}).items()
        return _told({n: least_value(n, v, members[n], n in self._required) for n, v in known})

    def _but_own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members without those that must be another one's in each."""
        return {name: each for name, each in values.items() if name not in self._resource.own}

    def _but_id(self, members: Mapping[str, Keywords]) -> dict[str, Keywords]:
        """Return the members without the id, since an item keeps the one that it was made with."""
        return {name: each for name, each in members.items() if name != self._resource.id_name}

    def _longer_list(self, value: Any, schema: Keywords) -> list[Any] | None:
        """Return a list of one element with a second one behind it, if that may be any."""
        if not isinstance(value, list) or len(value) != 1 or schema.get("maxItems", 2) < 2:
            return None
        items = self._schemas.keywords(schema.get("items", {}))
        second = another_value(value[0], items)
        if isinstance(value[0], dict):
            members = self._schemas.members(schema.get("items", {}))
            known = {n: each for n, each in value[0].items() if n in members}
            others = _told({n: another_value(each, members[n]) for n, each in known.items()})
            second = {**value[0], **others} if others else None
        return None if second is None else [value[0], second]


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _nothing(members: Mapping[str, Keywords]) -> dict[str, None]:
    """Return null for each member that may be null, and that no server puts another one in."""
    return dict.fromkeys(name for name, each in members.items() if _may_be_null(each))


def _may_be_null(schema: Keywords) -> bool:
    has_null = None in schema.get("enum", (None,))
    return bool(schema.get("nullable") and has_null and not {"readOnly", "default"} & set(schema))


def _wrong(members: Mapping[str, Keywords], right: Mapping[str, Any]) -> dict[str, Any]:
    others = {name: each for name, each in members.items() if name not in right}
    # One that a program refuses by its own rules comes first, as its types may do so before.
    ways = (out_of_bounds, value_of_another_type)
    found = (_told({n: way(each) for n, each in others.items()}) for way in ways)
    return dict(list(next(filter(None, found), {}).items())[-1:])
