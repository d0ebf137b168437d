"""Sequences of calls for the resources of any contract: create, read, change, delete, read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.gate.resource_lists import ListCall, ResourceList
from tallystick.gate.resource_values import another_value, least_value, most_value
from tallystick.gate.resources import DONE, Resource

_GONE = [404, 410]
_NOT_OF_PARENT = [403, *_GONE]
_UNPROCESSABLE = 422

_MADE = ("ID", "OTHER", "FURTHER", "LEAST", "MOST")
"""The names of the ids of all that a sequence makes, if it makes them."""


def make_sequence(resource: Resource) -> dict[str, Any]:
    """Return the sequence of a resource, as a file of facts has it."""
    return _ResourceSequence(resource).sequence()


class _ResourceSequence:
    """The calls of one resource."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._parent = resource.parent
        self._body = resource.body
        self._list = self._find_list()

    def sequence(self) -> dict[str, Any]:
        resource = self._resource
        calls = [
            *self._parents(),
            {**resource.make("ID"), **resource.answered(resource.post, self._body)},
            resource.show("ID", self._body),
            *self._listed("ID", 1),
            *self._changes(),
        ]
        if resource.can_be_made_twice:
            again = {**resource.make("OTHER"), "differs": {resource.id_path: "ID"}}
            calls += [again, resource.show("ID", self._changed_body())]
            calls += [*self._made_with_other_values(), *self._made_at_edges()]
        calls += self._narrowed()
        calls += [*self._shown_elsewhere(), *self._deletion(), *self._end_of_parent()]
        return {
            "name": f"{resource.path}: one that was made is shown, changed and deleted",
            "calls": calls,
            "after": [
                *resource.remove(*_MADE),
                *(removal for each in reversed(resource.line) for removal in each.remove(each.gap)),
                *(self._parent.remove("STRANGER") if self._parent else []),
            ],
        }

    def _parents(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that make what is above it, and another parent where two may be alike."""
        for above in self._resource.line:
            yield above.make(above.gap)
        if self._parent and self._parent.can_be_made_twice:
            yield self._parent.make("STRANGER")

    def _shown_elsewhere(self) -> Iterator[dict[str, Any]]:
        """Yield the call that looks for the child below another parent, which does not have it."""
        if self._parent and self._parent.can_be_made_twice:
            shown = self._resource.show("ID")
            path = shown["request"]["path"].replace(f"@{self._parent.gap}@", "@STRANGER@")
            request = {**shown["request"], "path": path}
            yield {**shown, "request": request, "status": _NOT_OF_PARENT}

    def _end_of_parent(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that end the parent, whose other child must then be gone."""
        if self._parent is None:
            return
        yield self._parent.show(self._parent.gap)
        deletion = self._parent.item.get("delete")
        if deletion is None or "409" in deletion["responses"]:
            return
        for removal in self._parent.remove(self._parent.gap):
            yield {**removal, "status": DONE}
        if self._resource.can_be_made_twice:
            yield {**self._resource.show("OTHER"), "status": _GONE}

    def _changes(self) -> Iterator[dict[str, Any]]:
        method, changed = self._change_method, self._changed()
        if method is None or not changed:
            return
        first = dict(list(changed.items())[:1])
        if method == "patch":
            # What a change does not name must stay as it is.
            yield from self._change("ID", first, {**self._body, **first})
        yield from self._change("ID", changed, self._changed_body())

    def _change(
        self, name: str, changed: dict[str, Any], body: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """Yield the calls that change some members of one, and show it as the body is."""
        resource, method = self._resource, self._change_method
        assert method
        operation = resource.item[method]
        # All that is not changed is sent again, where a change is a whole.
        base = resource.sample_body(operation) | self._known_to(operation, body)
        if method == "patch":
            required = resource.schemas.required_members(operation)
            base = {name: value for name, value in base.items() if name in required}
        target = f"{resource.target}/@{name}@"
        call = resource.call(method.upper(), target, operation, DONE, json={**base, **changed})
        call["request"]["headers"] = {"Content-Type": resource.schemas.sent_media(operation)}
        yield call | resource.answered(operation, body)
        yield resource.show(name, body)

    @property
    def _change_method(self) -> str | None:
        item, schemas = self._resource.item, self._resource.schemas
        methods = (each for each in ("patch", "put") if each in item)
        return next((each for each in methods if schemas.sent_members(item[each])), None)

    def _changed(self) -> dict[str, Any]:
        """Return other values of the members that can be changed and may have any value."""
        method = self._change_method
        return self._others_of(self._resource.item[method]) if method else {}

    def _others_of(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        known = self._known_to(operation, self._body)
        members = self._resource.schemas.sent_members(operation)
        found = {name: another_value(value, members[name]) for name, value in known.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _changed_body(self) -> dict[str, Any]:
        return {**self._body, **self._changed()}

    def _known_to(self, operation: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of a body that another operation takes too."""
        members = self._resource.schemas.sent_members(operation)
        return {name: value for name, value in body.items() if name in members}

    def _made_with_other_values(self) -> Iterator[dict[str, Any]]:
        body = {**self._body, **self._others_of(self._resource.post)}
        if body != self._body:
            yield from self._made_and_shown("FURTHER", body)

    def _made_at_edges(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that make one of the least values and one of the greatest."""
        operation, schemas = self._resource.post, self._resource.schemas
        members = schemas.sent_members(operation)
        required = schemas.required_members(operation)
        known = self._known_to(operation, self._body).items()
        least = {n: least_value(n, v, members[n], n in required) for n, v in known}
        most = {n: most_value(n, value, members[n]) for n, value in known}
        told = {name: value for name, value in least.items() if value is not None}
        nothing = dict.fromkeys(name for name, each in members.items() if _may_be_null(each))
        if told or nothing:
            yield from self._made_and_shown("LEAST", {**self._body, **told, **nothing})
        if found := {name: value for name, value in most.items() if value is not None}:
            body = {**self._body, **found}
            yield from self._made_and_shown("MOST", body)
            yield from self._emptied("MOST", body)

    def _emptied(self, name: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the calls that change members to null."""
        method = self._change_method
        members = self._resource.schemas.sent_members(self._resource.item[method]) if method else {}
        nothing = dict.fromkeys(each for each in body if _may_be_null(members.get(each, {})))
        if nothing:
            yield from self._change(name, nothing, {**body, **nothing})

    def _made_and_shown(self, name: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        resource = self._resource
        refused = [_UNPROCESSABLE] if str(_UNPROCESSABLE) in resource.post["responses"] else []
        made = {**resource.made(body), **resource.answered(resource.post, body)}
        yield {**made, "gives": {name: resource.id_path}, "refused": refused}
        yield resource.show(name, body)

    def _deletion(self) -> Iterator[dict[str, Any]]:
        for removal in self._resource.remove("ID"):
            yield {**removal, "status": DONE}
            yield {**self._resource.show("ID"), "status": _GONE}
            yield from self._listed("ID", 0)

    def _find_list(self) -> ResourceList | None:
        """Return the list of all, where it can be judged."""
        resource = self._resource
        operation = resource.document.content["paths"][resource.path].get("get")
        if operation is None or resource.id_path is None:
            return None
        name = resource.id_path.rpartition(".")[2]
        found = ResourceList(resource.document, resource.path, resource.schemas, name)
        return found if found.can_be_judged else None

    def _listed(self, name: str, times: int) -> Iterator[dict[str, Any]]:
        """Yield the call that finds one in the list."""
        if self._list:
            yield self._ask(self._list.find(name, times))

    def _narrowed(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that ask for a part of the list."""
        if self._list is None:
            return
        is_twice = self._resource.can_be_made_twice
        name, body = ("OTHER", self._body) if is_twice else ("ID", self._changed_body())
        asked = [*self._list.limited(), *self._list.filtered(name, body)]
        asked += self._list.paged(*_MADE)
        yield from map(self._ask, asked)

    def _ask(self, asked: ListCall) -> dict[str, Any]:
        resource = self._resource
        operation = resource.document.content["paths"][resource.path]["get"]
        return resource.call("GET", resource.target + asked.query, operation, 200) | asked.rules


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    """Return whether null is a value of a member that no server puts another in place of."""
    has_null = None in schema.get("enum", (None,))
    return bool(schema.get("nullable") and has_null and not {"readOnly", "default"} & set(schema))
