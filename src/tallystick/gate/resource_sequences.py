"""Sequences of calls for the resources of any contract: create, read, change, read, delete, read.

A resource is a path that can be posted to, and below it one that can be read by an id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.contract.document import Document
from tallystick.contract.sample_request import SampleRequests

_DONE = [200, 201, 202, 204]
_GONE = [404, 410]
_OF_BODY = "$response.body#/"


def list_resource_sequences(
    document: Document, samples: SampleRequests, given: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield a sequence for each resource whose id can be found in the answer that creates it."""
    paths = document.content["paths"]
    for path, item in paths.items():
        below = next(
            (each for each in paths if re.fullmatch(rf"{re.escape(path)}/{{[^}}/]+}}", each)), None
        )
        if below is None or "{" in path or "post" not in item or "get" not in paths[below]:
            continue
        resource = _Resource(document, samples, given, path, below)
        if resource.id_path and resource.body:
            yield resource.sequence()


class _Resource:
    def __init__(
        self,
        document: Document,
        samples: SampleRequests,
        given: Mapping[str, str],
        path: str,
        below: str,
    ) -> None:
        self._document = document
        self._given = given
        self._path = path
        self._name = below[len(path) + 2 : -1]
        self._item = document.content["paths"][below]
        self._post = document.content["paths"][path]["post"]
        sample = samples.make_request(self._post["operationId"]).body
        self.body = self._free(json.loads(sample)) if sample[:1] == b"{" else None
        self.id_path = self._find_id()

    def sequence(self) -> dict[str, Any]:
        """Return the sequence, as a file of facts has it."""
        posted = self._call("POST", self._path, self._post, _DONE, json=self.body)
        shown = self._call("GET", self._one, self._item["get"], 200)
        calls = [
            {**posted, "gives": {"ID": self.id_path}},
            {**shown, "body": self._kept(self.body or {})},
            *self._changes(shown),
        ]
        if "409" not in self._post["responses"]:
            again = {**posted, "gives": {"OTHER": self.id_path}, "differs": {self.id_path: "ID"}}
            calls.append(again)
        calls += self._deletion(shown)
        return {
            "name": f"{self._path}: one that was made is shown, changed and deleted",
            "calls": calls,
            "after": [self._remove(name) for name in ("ID", "OTHER") if "delete" in self._item],
        }

    @property
    def _one(self) -> str:
        return f"{self._path}/@ID@"

    def _changes(self, shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
        method = next((each for each in ("patch", "put") if each in self._item), None)
        changed = {
            name: f"{value}x"
            for name, value in (self.body or {}).items()
            if self._is_free(name, 40)
        }
        if method is None or not changed:
            return
        content = self._document.resolve(self._item[method].get("requestBody", {})).get(
            "content", {}
        )
        media = next((each for each in content if each.endswith("json")), None)
        if media is None:
            return
        body = changed if method == "patch" else {**(self.body or {}), **changed}
        call = self._call(method.upper(), self._one, self._item[method], _DONE, json=body)
        call["request"]["headers"] = {"Content-Type": media}
        yield call
        yield {**shown, "body": self._kept({**(self.body or {}), **changed})}

    def _deletion(self, shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "delete" in self._item:
            yield self._call("DELETE", self._one, self._item["delete"], _DONE)
            yield {**shown, "status": _GONE}

    def _remove(self, name: str) -> dict[str, Any]:
        call = self._call("DELETE", f"{self._path}/@{name}@", self._item["delete"], 204)
        return {key: call[key] for key in ("credential", "request")}

    def _call(
        self, method: str, path: str, operation: Mapping[str, Any], status: Any, **body: Any
    ) -> dict[str, Any]:
        names = [
            name.partition(".")[2]
            for requirement in operation.get("security", ())
            for name in requirement
        ]
        credential = next(
            (name for name in names if name in self._given), names[0] if names else None
        )
        request = {"method": method, "path": path, **body}
        return {"credential": credential, "request": request, "status": status}

    def _free(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body with texts of its own, where another one of the same may be refused."""
        if "409" not in self._post["responses"]:
            return body
        free = {name: f"{value}-@NEW@" for name, value in body.items() if self._is_free(name, 80)}
        return {**body, **free}

    def _is_free(self, name: str, length: int) -> bool:
        """Return whether a member may be any text of a length."""
        schema = self._resolved(self._members(self._posted_schema()).get(name, {}))
        bound = {"pattern", "enum", "format", "const"} & set(schema)
        return (
            schema.get("type") == "string"
            and not bound
            and schema.get("maxLength", length) >= length
        )

    def _posted_schema(self) -> Mapping[str, Any]:
        body = self._document.resolve(self._post.get("requestBody", {}))
        return self._resolved(body.get("content", {}).get("application/json", {}).get("schema", {}))

    def _kept(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of a body that the answer shows too."""
        shown = self._members(self._answer_schema(self._item["get"]))
        plain = {name: value for name, value in body.items() if not isinstance(value, dict | list)}
        return {name: value for name, value in plain.items() if name in shown}

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
