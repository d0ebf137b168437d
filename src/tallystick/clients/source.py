"""Prepares a contract for the generator of clients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import Any

import jsonschema_rs

from tallystick.clients import circles, pages
from tallystick.contract import error_codes
from tallystick.contract.document import METHODS, Document, read_api
from tallystick.contract.document import list_apis as list_documents
from tallystick.contract.error_codes import AnswerCodes

OWN = "gateway"
"""The service's own API, without clients."""

_PYTHONIC = re.compile(r"[a-z][a-z0-9_]*")

_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")

_REQUEST_ID = re.compile(r"(?i)(request|correlation|trace)-?id$")

_TEXT_RULES = ("enum", "minLength", "pattern")

_SIGNATURE = "SDK-HMAC-SHA256"

_IDEMPOTENT = ("get", "put", "delete")

Schema = dict[str, Any]
Schemas = Mapping[str, Any]


def list_apis() -> list[str]:
    """Return the names of the APIs with clients."""
    return [api for api in list_documents() if api != OWN]


def read_document(api: str) -> Document:
    """Return the contract of one API."""
    return read_api(api)


def shape_document(contract: Document) -> dict[str, Any]:
    """Return the contract in the generator's form, with facts for the templates in ``x-`` keys."""
    content: dict[str, Any] = _copied(contract.content)
    components = content["components"]
    paged = pages.find_pages(contract)
    for item in content["paths"].values():
        for method in METHODS:
            if method in item:
                codes = contract.answer_codes(item[method])
                _shape_operation(item[method], method, content, codes)
                if read := paged.get(item[method]["operationId"]):
                    pages.mark_pages(item[method], read, contract)
    known = contract.content["components"]
    operations = [operation for _, _, operation in contract.operations()]
    sent = _find_schemas([each.get("requestBody") for each in operations], known)
    answered = _find_schemas([each["responses"] for each in operations], known)
    components["schemas"] = {
        name: _shaped_schema(schema, known["schemas"], name in sent, name in answered)
        | {"x-is-only-sent": name not in answered}
        for name, schema in components["schemas"].items()
    }
    circles.mark_circles(components["schemas"])
    found: dict[str, Any] = _in_lines(content)
    return found


def mark_renamed(schemas: Mapping[str, Schema], names: Mapping[str, str]) -> None:
    """Mark the members with another name in a language than in JSON."""
    for schema in schemas.values():
        for name, member in schema.get("properties", {}).items():
            member["x-renamed"] = member["x-renamed"] or name in names


def mark_plain_items(schemas: Mapping[str, Schema], types: Mapping[str, str]) -> None:
    """Give the lists with a name the types of their items, as a language has them, to write."""
    for schema in schemas.values():
        items = schema.get("items", {})
        if known := types.get(items.get("format", items.get("type", ""))):
            schema |= {"items": {}, "x-item": known}


def list_parameters(content: Schema) -> Iterator[Schema]:
    """Yield each parameter of a contract, once."""
    yield from content["components"].get("parameters", {}).values()
    for item in content["paths"].values():
        for method in METHODS:
            own = item[method].get("parameters", []) if method in item else []
            yield from (parameter for parameter in own if "$ref" not in parameter)


def keeps_more(contract: Document) -> bool:
    """Return whether an object with members of its own keeps others of the caller's."""
    return any(map(_keeps_more, contract.content["components"]["schemas"].values()))


def list_uses(contract: Document) -> dict[str, bool]:
    """Return which parts of a client some operation needs, by their names in the templates."""
    operations = [operation for _, _, operation in contract.operations()]
    parameters = [each for one in operations for each in _parameters(one, contract.content)]
    queries = [each for each in parameters if each["in"] == "query"]
    bodies = [each["requestBody"] for each in operations if "requestBody" in each]
    answers = [answer for each in operations for answer in _answers(each, contract.content)]
    return {
        "takesQuery": bool(queries),
        "takesBody": bool(bodies),
        "givesAnswer": bool(answers),
        "namesModels": bool(bodies or answers or list(_referred(queries))),
        "readsPages": bool(pages.find_pages(contract)),
    }


def _answers(operation: Schemas, content: Schemas) -> Iterator[Schema]:
    """Yield the answers of an operation's successes that have content."""
    for status, answer in operation["responses"].items():
        if status < "300":
            found = _resolved(answer, content)
            if found.get("content"):
                yield found


def request_id_header(contract: Document) -> str:
    """Return the header naming a request to the vendor's support, or an empty text."""
    answers = contract.content["components"].get("responses", {}).values()
    names = (name for answer in answers for name in answer.get("headers", {}))
    return next((name for name in names if _REQUEST_ID.search(name)), "")


def signature_algorithm(contract: Document) -> str:
    """Return the algorithm of the API's signed calls that clients know, or an empty text."""
    schemes = contract.content["components"].get("securitySchemes", {}).values()
    return next(filter(None, map(_algorithm, schemes)), "")


def tell_credential(contract: Document) -> str:
    """Return what a README says of the credential."""
    found = [_credential(each, contract.content) for _, _, each in contract.operations()]
    prefixes = {each["x-credential-prefix"] for each in found if "x-credential" in each}
    if not prefixes:
        return "No operation takes a credential."
    own = "one argument, your `user:password` in Base64" if "Basic " in prefixes else "one argument"
    return f"The credential is {own}; the client puts it where each operation wants it."


def _algorithm(scheme: Schema) -> str:
    """Return the algorithm that a scheme asks for by its challenge, if clients can sign by it."""
    word = str(scheme.get("x-challenge", "")).partition(" ")[0]
    return word if word == _SIGNATURE else ""


def _keeps_more(schema: Mapping[str, Any]) -> bool:
    more = schema.get("additionalProperties", False) is not False or "x-gathered" in schema
    return more and "properties" in schema


def _find_schemas(parts: list[Any], components: Schemas) -> set[str]:
    """Return the names of all schemas within reach of some parts of a contract."""
    found: set[tuple[str, str]] = set()
    pending = list(_referred(parts))
    while pending:
        kind, name = pending.pop()
        if (kind, name) not in found:
            found.add((kind, name))
            pending += _referred(components[kind].get(name))
    return {name for kind, name in found if kind == "schemas"}


def _referred(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the kind and the name of each reference to a component within a value."""
    if isinstance(value, Mapping):
        # A member of an object, or of an example, may have the name `$ref` too.
        if str(value.get("$ref", "")).startswith("#/components/"):
            kind, name = value["$ref"].split("/")[-2:]
            yield kind, name
        for member in value.values():
            yield from _referred(member)
    elif isinstance(value, list):
        for item in value:
            yield from _referred(item)


def _shape_operation(operation: Schema, method: str, content: Schema, codes: AnswerCodes) -> None:
    operation["x-summary"] = operation["summary"]  # TypeScript's own has quotes escaped
    operation["description"] += _typed(operation, content) + _told(codes)
    for response in operation["responses"].values():
        # The generator's reader refuses a link whose body is an object, as OpenAPI has it.
        response.pop("links", None)
    statuses = set(operation["responses"])
    operation["x-repeatable"] = method in _IDEMPOTENT and "x-effect" not in operation
    operation["x-may-be-empty"] = "204" in statuses and bool(statuses & {"200", "201"})
    operation["x-query-is-required"] = any(
        parameter["in"] == "query" and parameter.get("required")
        for parameter in _parameters(operation, content)
    )
    operation["x-takes-object"] = _is_object(operation.get("requestBody", {}), content)
    successes = [answer for status, answer in operation["responses"].items() if status < "300"]
    operation["x-gives-object"] = any(_is_object(answer, content) for answer in successes)
    operation["x-gives-any"] = any(_is_any(answer, content) for answer in successes)
    operation |= _credential(operation, content)


def _is_object(body: Schema, content: Schema) -> bool:
    """Return whether a body is an object with members of its own."""
    media = _resolved(body, content).get("content", {}).get("application/json", {})
    return "properties" in _followed(media.get("schema", {}), content["components"]["schemas"])


def _is_any(body: Schema, content: Schema) -> bool:
    """Return whether a body is any JSON, null too."""
    media = _resolved(body, content).get("content", {}).get("application/json")
    found = _followed(media["schema"], content["components"]["schemas"]) if media else {}
    return bool(media) and (found.get("x-is-any", False) or "type" not in found)


def _resolved(part: Schema, content: Schemas) -> Schema:
    """Return a part of an operation, or the component that it refers to."""
    if "$ref" not in part:
        return part
    kind, name = next(_referred(part))
    found: Schema = content["components"][kind][name]
    return found


def _told(codes: AnswerCodes) -> str:
    """Return a sentence about an operation's error codes, or an empty text."""
    refusals = [code for status, found in codes.items() if status >= "400" for code in found]
    named = dict.fromkeys(f"`{error_codes.value(code)}`" for code in refusals)
    return f"\n\nError codes: {', '.join(named)}." if named else ""


def _typed(operation: Schema, content: Schema) -> str:
    """Return a sentence about the objects in an operation's refusals, or an empty text."""
    statuses: dict[str, list[str]] = {}
    for status, answer in sorted(operation["responses"].items()):
        media = _resolved(answer, content).get("content", {}).values() if status >= "4" else ()
        for _, name in _referred([each.get("schema") for each in media]):
            statuses.setdefault(name, []).append(status)
    told = (f"`{name}` ({', '.join(found)})" for name, found in statuses.items())
    return f"\n\nBodies of errors: {', '.join(told)}." if statuses else ""


def _parameters(operation: Schemas, content: Schemas) -> Iterator[Schema]:
    for parameter in operation.get("parameters", []):
        yield _resolved(parameter, content)


def _credential(operation: Schemas, content: Schemas) -> Schema:
    """Return the credential's header and prefix, and whether a key may sign in its place."""
    choices = operation.get("security", content.get("security", []))
    if not choices:
        return {"x-is-signed": False}
    scheme = content["components"]["securitySchemes"][next(iter(choices[0]))]
    is_bearer = scheme["type"] == "http"
    schemes = [content["components"]["securitySchemes"][name] for one in choices for name in one]
    return {
        "x-is-signed": any(map(_algorithm, schemes)),
        "x-credential": "Authorization" if is_bearer else scheme["name"],
        "x-credential-prefix": "Bearer " if is_bearer else scheme.get("x-prefix", ""),
    }


def _leave_out_same(schema: Schema) -> None:
    """Leave out the members with the value of another one: a language may write both alike."""
    for name in schema.pop("x-same-members", {}):
        del schema["properties"][name]
        schema["required"] = [each for each in schema.get("required", ()) if each != name]


def _shaped_schema(schema: Schema, schemas: Schemas, is_sent: bool, is_answered: bool) -> Schema:
    """Return an object's schema with optional members either absent or null.

    In a change (an object that is sent, without required members) both may stand: a null clears
    the value. In an answer both may come, which only TypeScript's types tell.
    """
    _leave_out_same(schema)
    if schema.get("additionalProperties") is True:
        schema["additionalProperties"] = {}
    for prefix, gathered in schema.pop("x-gathered", {}).items():
        schema["x-more-prefix"] = prefix
        schema["additionalProperties"] = _followed(gathered, schemas)["additionalProperties"]
    # Whether null is allowed is said where the schema is used.
    schema.pop("nullable", None)
    if "enum" in schema:
        schema["enum"] = _choices(schema["enum"])
    if _is_fixed(schema):
        schema.pop("enum", None)
    is_change = is_sent and not schema.get("required")
    # With members of any kind, those of the caller's own are beside members of other types.
    schema["x-keeps-more"] = _keeps_more(schema)
    schema["x-is-mixed"] = schema.get("additionalProperties") == {} and "properties" in schema
    schema["x-is-change"] = is_change and "properties" in schema
    required = schema.get("required", [])
    schema["properties"] = {
        # Shaping a member takes from it what these facts are read of.
        name: {
            "x-can-be-null": (is_answered or is_change) and _is_nullable(member, schemas),
            "x-must-have": is_sent and name in required and _has_no_zero(member, schemas),
            "x-renamed": not _PYTHONIC.fullmatch(name) or iskeyword(name),
            "x-is-quoted": not _WORD.fullmatch(name),
        }
        | _shaped_member(member, schemas, is_change, name in required)
        for name, member in schema.get("properties", {}).items()
    }
    schema["x-has-own-form"] = (
        schema["x-is-change"]
        or schema["x-keeps-more"]
        or any(
            name not in required and not member["x-is-pointer"]
            for name, member in schema["properties"].items()
        )
    )
    if not schema["properties"]:
        del schema["properties"]
    return schema


def _shaped_member(member: Schema, schemas: Schemas, is_change: bool, is_required: bool) -> Schema:
    target = _followed(member, schemas)
    is_nullable = _is_nullable(member, schemas)
    if "$ref" in member and _is_named(target):
        description = member.get("description", target.get("description", ""))
        member = {"allOf": [{"$ref": member["$ref"]}], "description": description}
    elif "$ref" in member:
        member = _copied(target)
    # What an answer may say can grow: a list that only this member has is read as text. An id is
    # text too. The server knows its defaults.
    for key in ("enum", "default", "nullable"):
        member.pop(key, None)
    if member.get("format") == "uuid":
        del member["format"]
    is_plain = "type" in target and target["type"] != "array" and not _is_map(target)
    return member | {
        "x-may-be-null": is_nullable and is_required,
        "x-clearable": is_nullable and is_change,
        "x-is-pointer": is_plain and (is_nullable or not is_required),
    }


def _is_nullable(member: Schema, schemas: Schemas) -> bool:
    return bool(member.get("nullable") or _followed(member, schemas).get("nullable"))


def _has_no_zero(member: Schema, schemas: Schemas) -> bool:
    """Return whether the value of a member that a Go program did not set is never a valid one."""
    target = _followed(member, schemas)
    if _is_nullable(member, schemas):
        return False
    if target.get("type") != "string" or target.get("format") == "date-time":
        return target.get("type") in ("array", "string") or _is_map(target)
    rules: Schema = {key: target[key] for key in _TEXT_RULES if key in target}
    return not jsonschema_rs.Draft202012Validator(rules, offline=True).is_valid("")


def _is_map(schema: Schema) -> bool:
    return "additionalProperties" in schema and "properties" not in schema


def _choices(values: list[str | None]) -> list[str]:
    """Return the texts; of two alike but for their case, the one in capitals.

    Both would become the same constant.
    """
    texts = [value for value in values if value is not None]
    return [text for text in texts if text == text.upper() or text.upper() not in texts]


def _is_named(schema: Schema) -> bool:
    """Return whether the generator makes a type of the schema."""
    if "enum" in schema:
        return not _is_fixed(schema)
    return bool(schema.get("properties"))


def _is_fixed(schema: Schema) -> bool:
    """Return whether an enum adds nothing for clients: one value, or mere numbers."""
    return len(schema.get("enum", [])) == 1 or schema.get("type") == "integer"


def _followed(schema: Schema, schemas: Schemas) -> Schema:
    found: Schema = schema
    while "$ref" in found:
        found = schemas[found["$ref"].rpartition("/")[2]]
    return found


def _in_lines(value: Any) -> Any:
    """Return the document with each description in one line, fit for a comment in any language."""
    if isinstance(value, list):
        return [_in_lines(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: _in_lines(item) for name, item in value.items()}
    if isinstance(found.get("description"), str):
        found["description"] = " ".join(found["description"].split())
    return found


def _copied(value: Any) -> Any:
    """Return a deep copy without shared parts, unlike the YAML with its aliases."""
    if isinstance(value, Mapping):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
