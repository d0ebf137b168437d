"""Sequences of calls for the resources of any contract: create, read, change, read, delete, read.

A resource is a path that can be posted to, and below it one that can be read by an id. It may stand
below an item of another resource, its parent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.contract.document import Document
from tallystick.contract.sample_request import SampleRequests
from tallystick.gate.own_credentials import OwnCredentials
from tallystick.gate.resource_lists import ListCall, ResourceList
from tallystick.gate.resource_values import another_value, is_shown_alike, own_text

_DONE = [200, 201, 202, 204]
_GONE = [404, 410]
_NOT_OF_PARENT = [403, *_GONE]
_OF_BODY = "$response.body#/"


def list_resources(
    document: Document, samples: SampleRequests, credentials: OwnCredentials
) -> list[Resource]:
    """Return each resource that can be made, and whose id is in the answer that makes it."""
    found = [
        resource
        for path, below in _list_collections(document)
        if "{" not in path
        and (resource := Resource(document, samples, credentials, path, below)).can_be_made
    ]
    nested = [
        resource
        for path, below in _list_collections(document)
        for parent in found
        if parent.has(path)
        and path.count("{") == 1
        and (resource := Resource(document, samples, credentials, path, below, parent)).can_be_made
    ]
    return [*found, *nested]


def _list_collections(document: Document) -> Iterator[tuple[str, str]]:
    """Yield each path that can be posted to, with that of its items, which can be read."""
    paths = document.content["paths"]
    for path, item in paths.items():
        below = next(
            (each for each in paths if re.fullmatch(rf"{re.escape(path)}/{{[^}}/]+}}", each)), None
        )
        if below is not None and "post" in item and "get" in paths[below]:
            yield path, below


class Resource:
    """A resource of a contract: a path that can be posted to, and the one of its items."""

    def __init__(
        self,
        document: Document,
        samples: SampleRequests,
        credentials: OwnCredentials,
        path: str,
        below: str,
        parent: Resource | None = None,
    ) -> None:
        self._document = document
        self._samples = samples
        self._credentials = credentials
        self._path = path
        self._below = below
        self._parent = parent
        self._target = parent.fill(path, "PARENT") if parent else path
        self._name = below[len(path) + 2 : -1]
        self._item = document.content["paths"][below]
        self._post = document.content["paths"][path]["post"]
        self._id_path = self._find_id()
        self._body = self._free(self._sample_body(self._post))
        if parent and parent.name in self._body:
            self._body[parent.name] = "@PARENT@"

    @property
    def can_be_made(self) -> bool:
        """Return whether a run can make it as often as it needs it."""
        return bool(self._id_path and self._body)

    @property
    def name(self) -> str:
        """Return the name of the parameter with its id."""
        return self._name

    def fill(self, path: str, name: str) -> str:
        """Return a path with a gap for the id, which a call `gives` by its name."""
        return path.replace(f"{{{self._name}}}", f"@{name}@")

    def has(self, path: str) -> bool:
        """Return whether a path of the contract is that of an item, or stands below it."""
        return f"{path}/".startswith(f"{self._below}/")

    def prepare(self, path: str, call: Mapping[str, Any]) -> dict[str, Any]:
        """Return a call of a path with the calls before it that make an item, and those after."""
        query = call["request"]["path"].partition("?")[2]
        own = self.fill(path, "ID") + (f"?{query}" if query else "")
        made = self._made()
        return {
            **call,
            "request": {**call["request"], "path": own},
            "before": [{**_sent(made), "gives": {"ID": self._id_path}}],
            "after": self._removals("ID"),
        }

    def sequence(self) -> dict[str, Any]:
        """Return the sequence, as a file of facts has it."""
        posted = self._made()
        shown = self.show("ID")
        calls = [
            *self._parents(),
            {
                **posted,
                **self._answered(self._post, self._body),
                "gives": {"ID": self._id_path},
            },
            {**shown, "body": self._kept(self._body)},
            *self._listed("ID", 1),
            *self._changes(shown),
        ]
        if self._can_be_made_twice:
            again = {**self.make("OTHER"), "differs": {self._id_path: "ID"}}
            calls += [again, {**shown, "body": self._kept(self._changed_body())}]
            calls += self._made_with_other_values()
        calls += self._narrowed()
        calls += [*self._shown_elsewhere(shown), *self._deletion(shown), *self._end_of_parent()]
        return {
            "name": f"{self._path}: one that was made is shown, changed and deleted",
            "calls": calls,
            "after": [*self._removals("ID", "OTHER", "FURTHER"), *self._removals_of_parents()],
        }

    @property
    def _can_be_made_twice(self) -> bool:
        return "409" not in self._post["responses"]

    def _parents(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that make the parent, and another one where there may be two alike."""
        if self._parent:
            yield self._parent.make("PARENT")
            if self._parent._can_be_made_twice:
                yield self._parent.make("STRANGER")

    def make(self, name: str) -> dict[str, Any]:
        """Return the call that makes one, and gives its id by a name."""
        return {**self._made(), "gives": {name: self._id_path}}

    def _shown_elsewhere(self, shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the call that looks for the child below another parent, which does not have it."""
        if self._parent and self._parent._can_be_made_twice:
            path = shown["request"]["path"].replace("@PARENT@", "@STRANGER@")
            request = {**shown["request"], "path": path}
            yield {**shown, "request": request, "status": _NOT_OF_PARENT}

    def _end_of_parent(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that end the parent, whose other child must then be gone."""
        if self._parent is None:
            return
        yield self._parent.show("PARENT")
        deletion = self._parent._item.get("delete")
        if deletion is None or "409" in deletion["responses"]:
            return
        yield {**self._parent._remove("PARENT"), "status": _DONE}
        if self._can_be_made_twice:
            yield {**self.show("OTHER"), "status": _GONE}

    def show(self, name: str) -> dict[str, Any]:
        """Return the call that shows the one with an id."""
        return self._call("GET", f"{self._target}/@{name}@", self._item["get"], 200)

    def _removals(self, *names: str) -> list[dict[str, Any]]:
        return [self._remove(name) for name in names if "delete" in self._item]

    def _removals_of_parents(self) -> list[dict[str, Any]]:
        return self._parent._removals("PARENT", "STRANGER") if self._parent else []

    def _made(self) -> dict[str, Any]:
        return self._call("POST", self._target, self._post, _DONE, json=self._body)

    @property
    def _one(self) -> str:
        return f"{self._target}/@ID@"

    def _changes(self, shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
        method, changed = self._change_method, self._changed()
        if method is None or not changed:
            return
        operation = self._item[method]
        first = dict(list(changed.items())[:1])
        if method == "patch":
            # What a change does not name must stay as it is.
            yield from self._change(shown, method, first, {**self._body, **first})
            yield from self._change(shown, method, changed, self._changed_body())
            return
        base = self._sample_body(operation) | self._known_to(operation)
        yield from self._change(shown, method, {**base, **changed}, self._changed_body())

    def _change(
        self, shown: dict[str, Any], method: str, sent: dict[str, Any], body: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        operation = self._item[method]
        call = self._call(method.upper(), self._one, operation, _DONE, json=sent)
        media = next(each for each in self._content(operation) if each.endswith("json"))
        call["request"]["headers"] = {"Content-Type": media}
        yield call | self._answered(operation, body)
        yield {**shown, "body": self._kept(body)}

    @property
    def _change_method(self) -> str | None:
        methods = (each for each in ("patch", "put") if each in self._item)
        return next((each for each in methods if self._sent_members(self._item[each])), None)

    def _changed(self) -> dict[str, Any]:
        """Return other values of the members that can be changed and may have any value."""
        return self._others_of(self._item[self._change_method]) if self._change_method else {}

    def _others_of(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        known, members = self._known_to(operation), self._sent_members(operation)
        found = {
            name: another_value(value, self._resolved(members[name]))
            for name, value in known.items()
        }
        return {name: value for name, value in found.items() if value is not None}

    def _changed_body(self) -> dict[str, Any]:
        return {**self._body, **self._changed()}

    def _known_to(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of the body that another operation takes too."""
        members = self._sent_members(operation)
        return {name: value for name, value in self._body.items() if name in members}

    def _deletion(self, shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "delete" in self._item:
            yield self._call("DELETE", self._one, self._item["delete"], _DONE)
            yield {**shown, "status": _GONE}
            yield from self._listed("ID", 0)

    @property
    def _list(self) -> ResourceList | None:
        """The list of all, where it can be judged."""
        operation = self._document.content["paths"][self._path].get("get")
        if operation is None or self._id_path is None:
            return None
        schema = self._answer_schema(operation)
        name = self._id_path.rpartition(".")[2]
        found = ResourceList(self._document, self._path, schema, name)
        return found if found.can_be_judged else None

    def _made_with_other_values(self) -> Iterator[dict[str, Any]]:
        body = {**self._body, **self._others_of(self._post)}
        if body != self._body:
            made = self._call("POST", self._target, self._post, _DONE, json=body)
            yield {**made, "gives": {"FURTHER": self._id_path}}
            yield {**self.show("FURTHER"), "body": self._kept(body)}

    def _listed(self, name: str, times: int) -> Iterator[dict[str, Any]]:
        """Yield the call that finds one in the list."""
        if self._list:
            yield self._ask(self._list.find(name, times))

    def _narrowed(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that ask for a part of the list."""
        if self._list:
            yield from map(self._ask, [*self._list.limited(), *self._list.filtered()])

    def _ask(self, asked: ListCall) -> dict[str, Any]:
        operation = self._document.content["paths"][self._path]["get"]
        return self._call("GET", self._target + asked.query, operation, 200) | asked.rules

    def _remove(self, name: str) -> dict[str, Any]:
        return _sent(self._call("DELETE", f"{self._target}/@{name}@", self._item["delete"], 204))

    def _call(
        self, method: str, path: str, operation: Mapping[str, Any], status: Any, **body: Any
    ) -> dict[str, Any]:
        request = {"method": method, "path": path, **body}
        credential = self._credentials.choose(operation)
        return {"credential": credential, "request": request, "status": status}

    def _free(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body with texts of its own, where another one of the same may be refused.

        Return it empty if no text is free.
        """
        if self._can_be_made_twice:
            return body
        members = self._sent_members(self._post)
        free = {
            name: own_text(value, self._resolved(members.get(name, {})))
            for name, value in body.items()
        }
        own = {name: text for name, text in free.items() if text}
        return {**body, **own} if own else {}

    def _sample_body(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        sample = self._samples.make_request(operation["operationId"]).body
        value = json.loads(sample) if sample[:1] == b"{" else {}
        return value if isinstance(value, dict) else {}

    def _content(self, operation: Mapping[str, Any]) -> Mapping[str, Any]:
        body = self._document.resolve(operation.get("requestBody", {}))
        content: Mapping[str, Any] = body.get("content", {})
        return content

    def _sent_members(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        content = self._content(operation)
        name = next((each for each in content if each.endswith("json")), None)
        return self._members(self._resolved(content[name].get("schema", {}))) if name else {}

    def _kept(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of a body that the answer shows too, as they were sent."""
        shown = self._members(self._answer_schema(self._item["get"]))
        return {
            name: value
            for name, value in body.items()
            if name in shown and is_shown_alike(self._resolved(shown[name]))
        }

    def _answered(self, operation: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the answer of a write shows of an item, where it has to show one."""
        done = [status for status in operation["responses"] if status[0] == "2"]
        is_shown = done in (["200"], ["201"])
        members = self._members(self._answer_schema(operation)) if is_shown else {}
        kept = self._kept(body)
        shown = {name: value for name, value in kept.items() if name in members}
        return {"body": shown} if shown else {}

    def _find_id(self) -> str | None:
        """Return the path of the id in the answer that creates one, by a link or by its name."""
        links = self._answer(self._post).get("links", {}).values()
        for link in links:
            if link.get("operationId") == self._item["get"]["operationId"]:
                values = map(str, link.get("parameters", {}).values())
                found = next((each for each in values if each.startswith(_OF_BODY)), None)
                if found:
                    return found.removeprefix(_OF_BODY).replace("/", ".")
        members = self._members(self._answer_schema(self._post))
        return next((name for name in (self._name, "id", "uuid", "slug") if name in members), None)

    def _answer(self, operation: Mapping[str, Any]) -> Mapping[str, Any]:
        responses = operation["responses"]
        done = next((status for status in responses if status[0] == "2"), None)
        return self._document.resolve(responses[done]) if done else {}

    def _answer_schema(self, operation: Mapping[str, Any]) -> Mapping[str, Any]:
        content: Mapping[str, Any] = self._answer(operation).get("content", {})
        name = next((each for each in content if each.endswith("json")), None)
        return self._resolved(content[name].get("schema", {})) if name else {}

    def _members(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(schema.get("properties", {}))
        for part in schema.get("allOf", ()):
            found |= self._members(self._resolved(part))
        return found

    def _resolved(self, schema: Any) -> Mapping[str, Any]:
        found = self._document.resolve(schema) if isinstance(schema, dict) else {}
        return found if isinstance(found, dict) else {}


def _sent(call: Mapping[str, Any]) -> dict[str, Any]:
    return {key: call[key] for key in ("credential", "request")}
