"""The resources of any contract, and the calls that make, show and remove one.

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
from tallystick.gate.required_parameters import find_required, needs_version
from tallystick.gate.resource_schemas import ResourceSchemas, ShownItem
from tallystick.gate.resource_values import is_id, is_shown_alike, own_text

DONE = [200, 201, 202, 204]
_CONFLICT = 409
_OF_BODY = "$response.body#/"


def list_resources(
    document: Document, samples: SampleRequests, credentials: OwnCredentials
) -> list[Resource]:
    """Return each resource that can be made, and whose id is in the answer that makes it."""
    found: list[Resource] = []
    schemas = ResourceSchemas(document)
    # Parents come before what stands below them.
    for path, below in sorted(_list_collections(document), key=lambda each: each[0].count("{")):
        parent = next((each for each in found if each.is_parent_of(path)), None)
        if parent or "{" not in path:
            resource = Resource(document, schemas, samples, credentials, path, below, parent)
            found += [resource] if resource.can_be_made else []
    return found


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
        schemas: ResourceSchemas,
        samples: SampleRequests,
        credentials: OwnCredentials,
        path: str,
        below: str,
        parent: Resource | None = None,
    ) -> None:
        """`path` is that of the collection, `below` that of its items."""
        self.document = document
        self.schemas = schemas
        self.path = path
        self.parent = parent
        self.name = below[len(path) + 2 : -1]
        """The name of the parameter with its id."""
        self.target = parent._with_gaps(path) if parent else path
        """Its path, with gaps for the ids above it."""
        self.item: Mapping[str, Any] = document.content["paths"][below]
        self.post: Mapping[str, Any] = document.content["paths"][path]["post"]
        self._samples = samples
        self._credentials = credentials
        self._below = below
        self._depth: int = parent._depth + 1 if parent else 0
        self.shown = self._shown(schemas.answer_schema(self.item["get"]))
        """What an answer to a GET shows of it."""
        self.id_path = self._find_id()
        self.body = self._free(self.sample_body(self.post))
        """The body that makes one; empty if none is there, or free."""
        sample = self.sample_body(self.post)
        self.own = {name for name, each in self.body.items() if each != sample[name]}
        """The members with texts that no other one has."""
        for above in self.line:
            if above.name in self.body:
                self.body[above.name] = f"@{above.gap}@"

    @property
    def id_name(self) -> str:
        """Return the name of the member with its id; empty without one."""
        return (self.id_path or "").rpartition(".")[2]

    @property
    def can_be_made(self) -> bool:
        """Return whether a run can make it as often as it needs it."""
        return bool(self.id_path and self.body)

    @property
    def can_be_made_twice(self) -> bool:
        """Return whether there may be two alike."""
        return str(_CONFLICT) not in self.post["responses"]

    @property
    def refused(self) -> list[int]:
        """Return the statuses by which another one may be refused."""
        return [_CONFLICT] if declares(self.post, _CONFLICT) else []

    def body_of(self, name: str) -> dict[str, Any]:
        """Return the body that makes another one, with texts of its own."""
        own = {each: self.body[each].replace("@NEW@", f"@NEW_{name}@") for each in self.own}
        return {**self.body, **own}

    @property
    def line(self) -> list[Resource]:
        """Return the resources above this one, the topmost first."""
        return [*self.parent.line, self.parent] if self.parent else []

    @property
    def gap(self) -> str:
        """Return the name of its id's gap in the paths below it."""
        return f"PARENT{self._depth or ''}"

    def has(self, path: str) -> bool:
        """Return whether a path of the contract is that of an item, or stands right below it."""
        is_deep = path.count("{") > self._depth + 1
        return f"{path}/".startswith(f"{self._below}/") and not is_deep

    def is_parent_of(self, path: str) -> bool:
        """Return whether a collection of the contract stands right below an item."""
        return self.has(path) and path != self._below

    def prepare(self, path: str, call: Mapping[str, Any]) -> dict[str, Any]:
        """Return a call of a path with the calls before it that make an item, and those after."""
        query = call["request"]["path"].partition("?")[2]
        own = self._with_gaps(path).replace(f"@{self.gap}@", "@ID@")
        made = [*((each.gap, each) for each in self.line), ("ID", self)]
        request = {**call["request"], "path": f"{own}?{query}" if query else own}
        return {
            **call,
            "request": request,
            "before": [
                *(_sent(each.make(name), "gives") for name, each in made),
                *([_sent(self.show("ID"))] if self._has_versions else []),
            ],
            # They are sent the other way round.
            "after": [removal for name, each in made for removal in reversed(each.clear(name))],
        }

    def make(self, name: str) -> dict[str, Any]:
        """Return the call that makes one, and gives its id by a name."""
        return {**self.made(self.body), "gives": {name: self.id_path}}

    def make_another(self, name: str) -> dict[str, Any]:
        """Return the call that makes another one, if there may be several."""
        body = self.body_of(name)
        return {**self.made(body), "gives": {name: self.id_path}, "refused": self.refused}

    def made(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the call that makes one of a body, and is told where it is."""
        return {**self.call("POST", self.target, self.post, DONE, json=body), "located": True}

    def show(self, name: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the call that shows the one with an id, as a body has it."""
        call = self.call("GET", f"{self.target}/@{name}@", self.item["get"], 200)
        if body is None:
            return call
        # Where null is never shown, another value stands for it.
        is_empty = {name: each["nullable"] for name, each in self.shown.members.items()}
        nothing = (name for name, value in body.items() if value is None and is_empty.get(name))
        empty = [self.shown.place(name) for name in nothing]
        kept = self.shown.wrap(self.kept(body))
        return {**call, "body": kept, **({"empty": empty} if empty else {})}

    def remove(self, *names: str) -> list[dict[str, Any]]:
        """Return the calls that remove those with the ids, as far as they can be removed."""
        operation = self.item.get("delete")
        paths = [f"{self.target}/@{name}@" for name in names] if operation else []
        return [_sent(self.call("DELETE", path, operation or {}, 204)) for path in paths]

    def clear(self, *names: str) -> list[dict[str, Any]]:
        """Return the calls that remove what may be left of those with the ids."""
        found = []
        for name in names:
            removals = self.remove(name)
            # The version to remove is the one that is shown.
            is_told = removals and self._has_versions
            found += [*([_sent(self.show(name))] if is_told else []), *removals]
        return found

    @property
    def _has_versions(self) -> bool:
        """Return whether it is changed or removed by those alone who tell its version."""
        known = (self.item.get(each) for each in ("put", "patch", "delete"))
        return any(needs_version(self.document, each) for each in known if each)

    def call(
        self, method: str, path: str, operation: Mapping[str, Any], status: Any, **body: Any
    ) -> dict[str, Any]:
        """Return a call of a sequence, with the credential and what else its operation requires."""
        required = find_required(self.document, self._samples, operation)
        if required.query:
            path += f"{'&' if '?' in path else '?'}{required.query}"
        media = {"Content-Type": self.schemas.sent_media(operation)} if body else {}
        headers = {**required.headers, **media}
        request = {
            "method": method,
            "path": path,
            **({"headers": headers} if headers else {}),
            **body,
        }
        credential = self._credentials.choose(operation)
        return {"credential": credential, "request": request, "status": status, "forms": True}

    def kept(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of a body that the answer shows too, as they were sent."""
        shown = self.shown.members
        return {
            name: value
            for name, value in body.items()
            if value is not None and name in shown and self._is_shown_alike(name)
        }

    def _is_shown_alike(self, name: str) -> bool:
        # A server may make an id though one was sent; the sequence goes on by the one it shows.
        return name != self.id_name and is_shown_alike(self.shown.members[name])

    def answered(self, operation: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the answer of a write shows of an item, by its status."""
        kept, bodies = self.kept(body), {}
        for status, schema in self.schemas.list_answers(operation):
            shown = self._shown(schema)
            known = {name: value for name, value in kept.items() if name in shown.members}
            # What was accepted may be shown as it goes on; an item's own form is no such sign.
            if known and (status != "202" or shown.members == self.shown.members):
                bodies[status] = shown.wrap(known)
        return {"bodies": bodies} if bodies else {}

    def _shown(self, schema: Any) -> ShownItem:
        return self.schemas.shown_item(schema, self._id_names)

    @property
    def _id_names(self) -> tuple[str, ...]:
        return (self.name, *_own_ending(self.name), "id", "uuid", "slug")

    def sample_body(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of an operation's sample, without those that are the server's.

        So is an id that may be left out: a server that is sent one may keep it, or make its own.
        """
        sample = self._samples.make_request(operation["operationId"]).body
        value = json.loads(sample) if sample[:1] == b"{" else {}
        own = self.schemas.shown_alone(operation)
        sent = {name: each for name, each in value.items() if name not in own}
        item = self.schemas.sent_item(operation, self._id_names)
        is_made = is_id(self.id_name) and self.id_name not in item.required
        has_id = is_made and item.has(self.id_name, sent)
        return item.without(self.id_name, sent) if has_id else sent

    def with_id(
        self, operation: Mapping[str, Any], body: dict[str, Any], name: str
    ) -> dict[str, Any]:
        """Return a body of an operation with the id that was given by a name, if it has any."""
        item = self.schemas.sent_item(operation, self._id_names)
        has_id = item.has(self.id_name, body)
        return item.joined(body, {self.id_name: f"@{name}@"}) if has_id else body

    def _with_gaps(self, path: str) -> str:
        """Return a path below an item with gaps for its id and those above it."""
        for each in (*self.line, self):
            path = path.replace(f"{{{each.name}}}", f"@{each.gap}@")
        return path

    def _free(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body with texts of its own: its id, or all if another one may be refused.

        Return it empty if no text is free, though one must be.
        """
        may_be_refused = declares(self.post, _CONFLICT)
        members = self.schemas.sent_members(self.post)
        named = set(body) if may_be_refused else {self.id_name} & set(body)
        free = {name: own_text(body[name], members.get(name, {})) for name in named}
        own = {name: text for name, text in free.items() if text}
        item = self.schemas.sent_item(self.post, self._id_names)
        may_be_alike = may_be_refused or not item.has(self.id_name, body)
        return {**body, **own} if own or (may_be_alike and self.can_be_made_twice) else {}

    def _find_id(self) -> str | None:
        """Return the path of the id in the answer that creates one, by a link or by its name."""
        for link in self._list_links():
            if link.get("operationId") == self.item["get"]["operationId"]:
                values = map(str, link.get("parameters", {}).values())
                found = next((each for each in values if each.startswith(_OF_BODY)), None)
                if found:
                    return found.removeprefix(_OF_BODY).replace("/", ".")
        made = self._shown(self.schemas.answer_schema(self.post))
        return next((made.place(each) for each in self._id_names if each in made.members), None)

    def _list_links(self) -> Iterator[Mapping[str, Any]]:
        for status, response in self.post["responses"].items():
            if status[0] == "2":
                yield from self.document.resolve(response).get("links", {}).values()


def _own_ending(parameter: str) -> Iterator[str]:
    """Yield the member that the last word of a parameter names: ``issue_number`` is a number."""
    word = re.split(r"[_-]|(?<=[a-z])(?=[A-Z])", parameter)[-1].lower()
    if word in ("code", "key", "name", "number"):
        yield word


def declares(operation: Mapping[str, Any], status: int) -> bool:
    """Return whether an operation may answer a status, be it by a range of them."""
    ranges = {str(status), f"{status // 100}XX", "default"}
    return not ranges.isdisjoint(operation["responses"])


def _sent(call: Mapping[str, Any], *more: str) -> dict[str, Any]:
    return {key: call[key] for key in ("credential", "request", *more)}
