"""Sequences of calls for the resources of any contract: create, read, change, delete, read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.contract_tests.versions import OLDER
from tallystick.gate.required_parameters import key_of_repeats, needs_version
from tallystick.gate.resource_bodies import ResourceBodies
from tallystick.gate.resource_lists import ListCall, ResourceList
from tallystick.gate.resources import DONE, Resource, declares

_GONE = [404, 410]
_REFUSED = [400, 403, *_GONE, 409, 412, 422, 428]
_NOT_OF_PARENT = [403, *_GONE]
_CONFLICT = 409
_UNPROCESSABLE = 422
_MALFORMED = 400
_STALE = [409, 412]

_NO_VERSION = '"no-such-version"'

_MADE = ("ID", "OTHER", "BARE", "FURTHER", "LEAST", "MOST", "TWIN")
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
        self._bodies = ResourceBodies(resource)
        self._list = self._find_list()

    def sequence(self) -> dict[str, Any]:
        resource = self._resource
        calls = [
            *self._parents(),
            *self._made(),
            resource.show("ID", self._body),
            *self._listed("ID", 1, self._body),
            *self._refused_creation(),
            {**resource.make_another("OTHER"), "differs": {resource.id_path: "ID"}},
            resource.show("ID", self._body),
            *self._changes(),
            resource.show("OTHER", resource.body_of("OTHER")),
            *self._made_with_defaults(),
            *self._made_with_other_values(),
            *self._made_at_edges(),
            resource.show("ID", self._bodies.changed_whole),
            *self._listed("ID", 1, self._bodies.changed_whole),
        ]
        calls += [
            *self._narrowed(),
            *self._changed_again(),
            *self._shown_elsewhere(),
            *self._made_elsewhere(),
        ]
        calls += [*self._deletion(), *self._paged(), *self._end_of_parent()]
        return {
            "name": f"{resource.path}: one that was made is shown, changed and deleted",
            "calls": calls,
            "after": [
                *resource.clear(*_MADE),
                *map(self._elsewhere, resource.clear("FOREIGN") if self._parent else ()),
                *(removal for each in reversed(resource.line) for removal in each.clear(each.gap)),
                *(self._parent.clear("STRANGER") if self._parent else []),
            ],
        }

    def _made(self) -> Iterator[dict[str, Any]]:
        """Yield the call that makes one, and the same call again where a key says that it is."""
        resource = self._resource
        made = resource.make("ID") | resource.answered(resource.post, self._body)
        key = key_of_repeats(resource.document, resource.post)
        if key:
            made["request"]["headers"] = {**made["request"].get("headers", {}), key: "@ONCE@"}
        yield made
        if key:
            again = {name: each for name, each in made.items() if name != "gives"}
            yield {**again, "same": {resource.id_path: "ID"}, "refused": [_CONFLICT]}

    def _parents(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that make what is above it, and another parent where two may be alike."""
        for above in self._resource.line:
            yield above.make(above.gap)
        if self._parent:
            yield self._parent.make_another("STRANGER")

    def _made_elsewhere(self) -> Iterator[dict[str, Any]]:
        """Yield the call that makes a child below another parent, which this one does not have."""
        if self._parent:
            yield self._elsewhere(self._resource.make_another("FOREIGN"))
            if self._list:
                yield self._elsewhere(self._ask(self._list.find("FOREIGN", 1)))
            for call in self._listed("FOREIGN", 0):
                yield {**call, "unless_same": ["FOREIGN", *_MADE]}

    def _shown_elsewhere(self) -> Iterator[dict[str, Any]]:
        """Yield the call that looks for the child below another parent, which does not have it."""
        if self._parent:
            yield {**self._elsewhere(self._resource.show("ID")), "status": _NOT_OF_PARENT}

    def _elsewhere(self, call: dict[str, Any]) -> dict[str, Any]:
        """Return a call with the other parent in place of the own one."""
        assert self._parent
        text = json.dumps(call["request"]).replace(f"@{self._parent.gap}@", "@STRANGER@")
        return {**call, "request": json.loads(text)}

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
        yield {**self._resource.show("OTHER"), "status": _GONE}

    def _changes(self) -> Iterator[dict[str, Any]]:
        method, changed = self._bodies.change_method, self._bodies.changed
        if method is None or not changed:
            return
        first = dict(list(changed.items())[:1])
        yield from self._stale_change(method, first)
        if method == "patch":
            # What a change does not name must stay as it is.
            yield from self._change("ID", first, {**self._body, **first})
        yield from self._change("ID", changed, self._bodies.changed_whole)
        yield from self._stale_change(method, first, OLDER[1])

    def _stale_change(
        self, method: str, changed: dict[str, Any], version: str = _NO_VERSION
    ) -> Iterator[dict[str, Any]]:
        """Yield the call that would change a version that there is not, or no more."""
        call = self._changing("ID", method, changed, self._body)
        yield from self._stale(self._resource.item[method], call, version)

    def _stale(
        self, operation: Mapping[str, Any], call: dict[str, Any], version: str
    ) -> Iterator[dict[str, Any]]:
        """Yield a call about another version, where an operation refuses it."""
        statuses = [each for each in _STALE if str(each) in operation["responses"]]
        if statuses and needs_version(self._resource.document, operation):
            request = call["request"]
            headers = {**request.get("headers", {}), "If-Match": version}
            request = {**request, "headers": headers}
            yield {**call, "request": request, "status": [*statuses, _MALFORMED]}

    def _refused_creation(self) -> Iterator[dict[str, Any]]:
        """Yield the call that makes none, being half wrong, and the one that does not find it."""
        texts = self._bodies.own_texts("NEW_REFUSED").items()
        own = dict([each for each in texts if self._is_listed(each[0])][:1])
        wrong = self._bodies.wrong_creation(own)
        if self._list and own and wrong:
            body = {**self._resource.body_of("REFUSED"), **own, **wrong}
            made = {**self._resource.made(body), "status": _REFUSED}
            # That it is not refused is for the suite of rules to tell.
            yield {**made, "refused": DONE, "loses": ["NEW_REFUSED"]}
            yield self._ask(self._list.lacks(own))

    def _change(
        self, name: str, changed: dict[str, Any], body: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """Yield the calls that change some members of one, and show it as the body is."""
        resource, method = self._resource, self._bodies.change_method
        assert method
        call = self._changing(name, method, changed, body)
        yield call | resource.answered(resource.item[method], body)
        yield resource.show(name, body)

    def _changing(
        self, name: str, method: str, changed: Mapping[str, Any], body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the call that changes some members of one, which has all others of a body."""
        resource = self._resource
        operation = resource.item[method]
        # All that is not changed is sent again, where a change is a whole.
        base = resource.sample_body(operation) | self._bodies.known_to(operation, body)
        if method == "patch":
            required = resource.schemas.required_members(operation)
            base = {name: value for name, value in base.items() if name in required}
        target = f"{resource.target}/@{name}@"
        sent = resource.with_id(operation, {**base, **changed}, name)
        return resource.call(method.upper(), target, operation, DONE, json=sent)

    def _made_with_other_values(self) -> Iterator[dict[str, Any]]:
        if others := self._bodies.others:
            yield from self._made_and_shown("FURTHER", others)

    def _made_at_edges(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that make one of the least values and one of the greatest."""
        if least := self._bodies.least:
            yield from self._made_and_shown("LEAST", least)
        if most := self._bodies.most:
            yield from self._made_and_shown("MOST", most)

    def _changed_again(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that change one of the greatest values, which its state may refuse."""
        if not self._bodies.most:
            return
        body = {**self._resource.body_of("MOST"), **self._bodies.most}
        for values in self._bodies.later_changes(body):
            body = {**body, **values}
            for call in self._change("MOST", values, body) if values else ():
                yield {**call, "refused": _REFUSED, "loses": ["MOST"]}
        if nothing := self._bodies.emptied(body):
            yield from self._change("MOST", nothing, {**body, **nothing})

    def _made_with_defaults(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that make one of its required members, and show the others' defaults."""
        resource = self._resource
        body, defaults = self._bodies.bare()
        if defaults:
            made = resource.make_another("BARE")
            made["request"]["json"] = body
            yield {**made, "refused": [*resource.refused, _MALFORMED, _UNPROCESSABLE]}
            yield resource.show("BARE", {**body, **defaults})

    def _made_and_shown(self, name: str, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the calls that make another one with some values, and show it."""
        resource = self._resource
        body = {**resource.body_of(name), **values}
        refused = [_UNPROCESSABLE] if declares(resource.post, _UNPROCESSABLE) else []
        made = {**resource.make_another(name), **resource.answered(resource.post, body)}
        made["request"]["json"] = body
        yield {**made, "refused": [*resource.refused, *refused]}
        yield resource.show(name, body)

    def _deletion(self) -> Iterator[dict[str, Any]]:
        for removal in self._resource.remove("ID"):
            yield from self._stale(self._resource.item["delete"], removal, _NO_VERSION)
            yield {**removal, "status": DONE}
            yield {**self._resource.show("ID"), "status": _GONE}
            yield {**removal, "status": [*DONE, *_REFUSED]}
            yield from self._change_of_none()
            yield from self._listed("ID", 0)
            if self._list:
                yield from map(self._ask, self._list.gone("ID", self._bodies.changed_whole))
            yield from self._twin_deleted()
            yield self._resource.show("OTHER", self._resource.body_of("OTHER"))

    def _twin_deleted(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that make one like another, do not change it, and delete it alone."""
        yield self._resource.make_another("TWIN")
        yield self._resource.show("TWIN")
        yield from self._refused_change("TWIN", self._resource.body_of("TWIN"))
        yield from ({**each, "status": DONE} for each in self._resource.remove("TWIN"))

    def _refused_change(self, name: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the call of a change that is half wrong, and so must change nothing."""
        method, right = self._bodies.change_method, dict(list(self._bodies.changed.items())[:1])
        wrong = self._bodies.wrong_change(right)
        if method and right and wrong:
            call = self._changing(name, method, {**right, **wrong}, body)
            yield {**call, "status": _REFUSED, "refused": DONE, "loses": [name]}
            yield self._resource.show(name, body)

    def _change_of_none(self) -> Iterator[dict[str, Any]]:
        """Yield the call that changes one that is gone, where it can't make one."""
        method, changed = self._bodies.change_method, self._bodies.changed
        told = self._resource.item[method]["responses"] if method else {}
        if method and changed and "201" not in told and not {"404", "410"}.isdisjoint(told):
            call = self._changing("ID", method, changed, self._body)
            yield {**call, "status": _REFUSED}

    def _find_list(self) -> ResourceList | None:
        """Return the list of all, where it can be judged."""
        resource = self._resource
        operation = resource.document.content["paths"][resource.path].get("get")
        if operation is None or resource.id_path is None:
            return None
        found = ResourceList(resource.document, resource.path, resource.schemas, resource.id_name)
        return found if found.can_be_judged else None

    def _listed(
        self, name: str, times: int, body: Mapping[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield the call that finds one in the list, as a body has it."""
        if self._list:
            kept = self._resource.kept(body or {}).items()
            shown = {each: value for each, value in kept if self._is_listed(each)}
            yield self._ask(self._list.find(name, times, shown))

    def _is_listed(self, name: str) -> bool:
        """Return whether the list shows a member as the item itself does."""
        shown = self._resource.shown.members.get(name)
        return bool(self._list and shown and self._list.has(name, shown))

    def _narrowed(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that ask for a part of the list."""
        if self._list is None:
            return
        is_sure = not self._resource.refused
        name, body = ("OTHER", self._body) if is_sure else ("ID", self._bodies.changed_whole)
        found = self._list
        asked = [*found.limited(), *found.filtered(name, body), *found.joined(name, body)]
        yield from map(self._ask, asked)

    def _paged(self) -> Iterator[dict[str, Any]]:
        """Yield the call for all pages, which have neither what is gone nor what is another's."""
        others = [*(["ID"] if "delete" in self._resource.item else []), "FOREIGN"]
        if self._list:
            yield from map(self._ask, self._list.paged(_MADE, others))

    def _ask(self, asked: ListCall) -> dict[str, Any]:
        resource = self._resource
        operation = resource.document.content["paths"][resource.path]["get"]
        return resource.call("GET", resource.target + asked.query, operation, 200) | asked.rules
