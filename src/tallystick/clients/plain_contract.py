"""Writes a contract of one's own in the form of the five that come with Tallystick.

Clients send JSON, and text in path and query, with one credential in a header. Operations with
other needs are left out, and so are such optional parameters; `omissions` name them with reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tallystick.clients import argument_names, languages
from tallystick.clients.json_content import accepted_types, json_content, json_schema
from tallystick.clients.pages import list_links
from tallystick.clients.plain_schemas import (
    PlainSchemas,
    Schema,
    component_name,
    flat_schema,
    list_reached,
)
from tallystick.clients.plain_text import (
    camel_case,
    fold_name,
    is_writable,
    pascal_case,
    to_comment,
    to_sentence,
)
from tallystick.clients.servers import list_servers
from tallystick.contract.document import ContractError, Document
from tallystick.contract.media_types import JSON
from tallystick.contract.reader.contracts import read_contracts
from tallystick.contract.reader.unique_names import UniqueNames
from tallystick.contract.sample_request import SampleRequests
from tallystick.contract.styled_writer import as_text

Node = Mapping[str, Any]

_TAKEN_METHODS = (
    *("bool", "close", "clone", "constructor", "equals", "false", "finalize", "float", "getClass"),
    *("hashCode", "int", "models", "new", "notify", "notifyAll", "object", "str", "toString"),
    *("true", "wait", "with"),
)
"""What the class of a client has already in one of the languages, or names in itself."""

_HEADER = "header"


@dataclass(frozen=True, slots=True)
class PlainContract:
    """A contract fit for generating clients, and the omissions of those clients."""

    document: Document
    omissions: tuple[str, ...]


class _LeftOut(Exception):
    """An operation can't be called by a client; the message says why."""


def read_contract(place: str) -> PlainContract:
    """Return the contract at a file or URL; its faults are among the omissions.

    Raise `ContractError` where it can't be read, or has no operation for a client, or where there
    are several.
    """
    found = read_contracts([place])
    if len(found) > 1:
        apis = ", ".join(each.document.api for each in found)
        raise ContractError(f"{place} has several contracts ({apis}): name the file of one")
    plain = plain_contract(found[0].document)
    if not plain.document.content["paths"]:
        raise ContractError("\n".join((f"{place} has nothing for a client", *plain.omissions)))
    return PlainContract(plain.document, (*map(str, found[0].faults), *plain.omissions))


def plain_contract(document: Document) -> PlainContract:
    """Return a contract in the normal form as one fit for generating clients."""
    return _Writer(document).write_contract()


class _Writer:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._content = document.content
        self._components: Node = document.components.get("schemas", {})
        self._ids = self._name_operations()
        self._schemas = PlainSchemas(self._components, self._taken_models())
        self._schemes: dict[str, Schema] = {}
        self._samples = SampleRequests(document)
        operations = (operation for _, _, operation in document.operations())
        self._arguments = argument_names.rename_arguments(operations)
        self._omissions: list[str] = []

    def _name_operations(self) -> dict[str, str]:
        """Return the name of each operation; PHP takes names for one that differ in capitals."""
        names = UniqueNames(_TAKEN_METHODS, fold=fold_name)
        given = [operation["operationId"] for _, _, operation in self._document.operations()]
        return {id_: names.add_name(camel_case(id_)) for id_ in given}

    def _taken_models(self) -> list[str]:
        """Return the names of the languages', of the clients and of the queries of operations."""
        api = pascal_case(self._document.api)
        queries = [f"{pascal_case(name)}Query" for name in self._ids.values()]
        return [*languages.list_taken_models(), api, f"Async{api}", *queries]

    def write_contract(self) -> PlainContract:
        """Return the document and everything left out of it."""
        paths: dict[str, Schema] = {}
        for path, method, operation in self._document.operations():
            call = f"{method.upper()} {path}"
            try:
                plain_path, plain = self._plain_operation(call, path, operation)
            except _LeftOut as reason:
                self._omissions.append(f"{call} is left out: {reason}")
                continue
            paths.setdefault(plain_path, {})[method] = plain
        self._schemas.write_members()
        _free_members_of_one_direction(paths, self._schemas.named)
        content = {
            "openapi": "3.0.3",
            "info": self._info(),
            "servers": list_servers(self._content),
            "x-codes": self._codes(),
            "paths": paths,
            "components": {"schemas": self._schemas.named, "securitySchemes": self._schemes},
        }
        document = Document(self._document.api, b"", content, is_foreign=True)
        return PlainContract(document, (*self._omissions, *self._schemas.omissions))

    def _info(self) -> Schema:
        info = self._content.get("info", {})
        title = to_comment(info.get("title"), pascal_case(self._document.api))
        return {"title": title, "version": str(info.get("version", "1"))}

    def _codes(self) -> Schema:
        found: Schema = {}
        for code, declared in self._document.codes.items():
            if is_writable(code):
                message = to_comment(declared.message, code)
                found[code] = {"status": declared.status, "message": message}
            else:
                self._omissions.append(f"the code {code} has no constant: no program can write it")
        return found

    def _plain_operation(self, call: str, path: str, operation: Node) -> tuple[str, Schema]:
        if not is_writable(path.replace("{", "").replace("}", "")):
            raise _LeftOut("its path has a character that no program can write")
        id_ = self._ids[operation["operationId"]]
        security = self._plain_security(operation["security"])
        sample = self._samples.make_values(operation)
        body = self._plain_body(operation.get("requestBody"), id_, sample.body)
        parameters = [
            {**each, "example": sample.parameters[each["name"]]} if each.get("required") else each
            for each in operation["parameters"]
        ]
        plain_path, parameters = self._plain_parameters(call, path, parameters)
        accepted = accepted_types(_answers(operation["responses"]))
        summary = to_comment(operation.get("summary"), to_sentence(id_)).rstrip(".")
        return plain_path, {
            "operationId": id_,
            "x-operation-id": operation["operationId"],
            "tags": ["operations"],
            "summary": summary,
            "description": to_comment(operation.get("description"), f"{summary}."),
            "parameters": parameters,
            **body,
            **({} if accepted == JSON else {"x-accept": accepted}),
            "responses": self._plain_responses(operation, id_),
            "security": security,
        }

    def _plain_security(self, choices: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the first requirement to be met by one header."""
        schemes = self._document.components.get("securitySchemes", {})
        for choice in choices:
            if len(choice) == 1 and (plain := _plain_scheme(schemes[next(iter(choice))])):
                name = next(iter(choice)).rpartition(".")[2]
                self._schemes[name] = plain
                return [{name: []}]
        if choices and {} not in choices:
            raise _LeftOut("its credential is not one header")
        return []

    def _plain_body(self, body: Node | None, id_: str, example: Any) -> Schema:
        if not body or not body["content"]:
            return {}
        known = json_content(body["content"])
        if known is None:
            raise _LeftOut(f"its body is {' or '.join(body['content'])}, not JSON")
        media_type, schema = known
        name = _alias_name(schema, f"{id_} body")
        plain = self._named(self._schemas.use_schema(schema, name), name)
        # The generator has no choice as a body.
        if "enum" in self._schemas.named[component_name(plain)]:
            plain = {"type": "string"}
        content = {JSON: {"schema": plain, "example": example}}
        # A method has its body always: it would come after optional arguments in some languages.
        return {
            "requestBody": {"required": True, "content": content},
            # Of Java the generator has an `x-content-type` of its own.
            **({} if media_type == JSON else {"x-media-type": media_type}),
            "x-codegen-request-body-name": "body",
        }

    def _named(self, schema: Schema, name: str) -> Schema:
        """Return a reference to a schema, under a new name if it has none."""
        if "$ref" in schema and not schema.get("nullable"):
            return {"$ref": schema["$ref"]}
        is_any = "$ref" in schema or schema.get("nullable")
        return self._schemas.add_alias({} if is_any else schema, name)

    def _plain_parameters(
        self, call: str, path: str, parameters: Iterable[Node]
    ) -> tuple[str, list[Schema]]:
        names = UniqueNames(argument_names.TAKEN)
        found: list[Schema] = []
        # Names in the query are the server's; those in the path are free.
        for parameter in sorted(parameters, key=lambda each: each["in"] == "path"):
            if parameter["in"] == "path":
                name = names.add_name(camel_case(parameter["name"]))
                path = path.replace(f"{{{parameter['name']}}}", f"{{{name}}}")
                found.append(self._path_parameter(parameter, name))
            elif reason := self._why_not(parameter):
                self._leave_parameter_out(call, parameter, reason)
            else:
                own: str = parameter["name"]
                names.add_name(camel_case(self._arguments.get(own, own)))
                found.append(self._query_parameter(parameter))
        return path, found

    def _path_parameter(self, parameter: Node, name: str) -> Schema:
        schema = flat_schema(parameter.get("schema"), self._components)
        if parameter.get("style", "simple") != "simple" or schema.get("type") in _NESTED:
            raise _LeftOut(f"the parameter {parameter['name']} in its path is no plain text")
        text = to_comment(parameter.get("description"), f"{to_sentence(name)}.")
        return {
            "name": name,
            "in": "path",
            "required": True,
            "description": text,
            "example": as_text(parameter.get("example")),
            "schema": {"type": "string"},
        }

    def _why_not(self, parameter: Node) -> str:
        """Return why a parameter can't be given to a method; an empty text if it can."""
        name = parameter["name"]
        if parameter["in"] != "query":
            return f"it is sent as a {parameter['in']}"
        if not is_writable(name) or not fold_name(name):
            return "its name is no argument's"
        schema = flat_schema(parameter.get("schema"), self._components)
        if "schema" not in parameter or schema.get("type") in _NESTED:
            return "its value is no plain text or number"
        return ""

    def _leave_parameter_out(self, call: str, parameter: Node, reason: str) -> None:
        if parameter.get("required"):
            raise _LeftOut(f"it needs the parameter {parameter['name']}: {reason}")
        self._omissions.append(f"{call} has no parameter {parameter['name']}: {reason}")

    def _query_parameter(self, parameter: Node) -> Schema:
        schema = self._schemas.use_schema(parameter["schema"], parameter["name"])
        plain = {"$ref": schema["$ref"]} if "$ref" in schema else _query_value(schema)
        text = parameter.get("description", schema.get("description"))
        name = parameter["name"]
        return {
            "name": name,
            **({"x-argument": self._arguments[name]} if name in self._arguments else {}),
            "in": "query",
            "required": bool(parameter.get("required")),
            "description": to_comment(text, f"{to_sentence(name)}."),
            **({"example": parameter["example"]} if parameter.get("required") else {}),
            "schema": plain,
        }

    def _plain_responses(self, operation: Node, id_: str) -> Schema:
        codes = self._document.answer_codes(operation)
        schemas = [_success_schema(response) for response in _successes(operation["responses"])]
        found = self._success(schemas, f"{id_} answer")
        if "200" in found:
            found["200"]["links"] = list_links(_successes(operation["responses"]))
        for status, response in operation["responses"].items():
            if str(status) >= "4":
                found[str(status)] = self._refusal(response, f"{id_} {status}")
                if listed := [code for code in codes.get(str(status), ()) if is_writable(code)]:
                    found[str(status)]["x-codes"] = listed
        return found

    def _success(self, schemas: list[Any], name: str) -> Schema:
        """Return one answer for all successes, and one without content where there is one."""
        known = [schema for schema in schemas if schema is not None]
        found: Schema = {}
        if known:
            schema = known[0] if all(each == known[0] for each in known) else {}
            name = _alias_name(schema, name)
            plain = self._named(self._schemas.use_schema(schema, name), name)
            content = {JSON: {"schema": plain}}
            found["200"] = {"description": "The answer.", "content": content}
        if len(known) < len(schemas) or not schemas:
            found["204"] = {"description": "An empty answer."}
        return found

    def _refusal(self, response: Node, name: str) -> Schema:
        """Return an answer; its schema tells where code and message are."""
        schema = json_schema(response.get("content") or {})
        found: Schema = {"description": "A refusal."}
        if schema is not None and flat_schema(schema, self._components).get("properties"):
            plain = self._schemas.use_schema(schema, name)
            found["content"] = {"application/json": {"schema": {"$ref": plain["$ref"]}}}
        return found


_NESTED = ("array", "object", "any")


def _query_value(schema: Schema) -> Schema:
    """Return a value in a query; a moment is text, as the caller writes it."""
    kind = schema.get("type", "string")
    known = {"integer", "number"} & {kind}
    return {"type": kind, "format": schema["format"]} if known else {"type": kind}


def _alias_name(schema: Any, otherwise: str) -> str:
    """Return the name of a component other than an object, once a method gives or takes it."""
    if isinstance(schema, Mapping) and "$ref" in schema:
        return component_name(schema).partition(".")[2]
    return otherwise


def _answers(responses: Node) -> list[Node]:
    """Return all answers, those of a success first."""
    successes = _successes(responses)
    return [*successes, *(each for each in responses.values() if each not in successes)]


def _successes(responses: Node) -> list[Node]:
    """Return the answers of a success; an operation without one has its default answer."""
    found = [response for status, response in responses.items() if str(status)[0] == "2"]
    return found or [responses["default"]] if "default" in responses else found


def _success_schema(response: Node) -> Any:
    """Return the schema of a success, or None where it has no content."""
    content = response.get("content") or {}
    schema = json_schema(content)
    if content and schema is None:
        raise _LeftOut(f"its answer is {' or '.join(content)}, not JSON")
    return schema


def _plain_scheme(scheme: Node) -> Schema | None:
    """Return a credential in a header, or None if it stands elsewhere."""
    kind = scheme["type"]
    if kind in ("oauth2", "openIdConnect"):
        return {"type": "http", "scheme": "bearer"}
    if kind == "http":
        word = str(scheme.get("scheme", "bearer"))
        return {
            "type": "apiKey",
            "in": _HEADER,
            "name": "Authorization",
            "x-prefix": f"{word[:1].upper()}{word[1:]} ",
        }
    if kind == "apiKey" and scheme["in"] == _HEADER and is_writable(scheme["name"]):
        return {"type": "apiKey", "in": _HEADER, "name": scheme["name"]}
    return None


def _free_members_of_one_direction(paths: Node, named: dict[str, Schema]) -> None:
    """Make members optional if a caller doesn't send, or a server doesn't answer them."""
    operations = [operation for item in paths.values() for operation in item.values()]
    sent = list_reached((each.get("requestBody", {}) for each in operations), named)
    answered = list_reached((each["responses"] for each in operations), named)
    for names, direction in ((sent, "readOnly"), (answered, "writeOnly")):
        for name in names:
            _free_members(named[name], direction)


def _free_members(schema: Schema, direction: str) -> None:
    members = schema.get("properties", {})
    required = [name for name in schema.get("required", ()) if not members[name].get(direction)]
    if required:
        schema["required"] = required
    else:
        schema.pop("required", None)
