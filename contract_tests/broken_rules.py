"""Requests that break one rule of the contract, each with the error code that the rule names."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import ge, gt, le, lt
from typing import Any

from . import contract
from .api_facts import read_facts
from .body_branches import is_valid, list_branches
from .form_fields import FormField, FormFields
from .near_words import list_near_words
from .parameter_place import ParameterPlace
from .vectors import VectorRequest

Path = tuple[str | int, ...]
_GONE = object()
_WRONG_TYPES: Mapping[str, Sequence[Any]] = {
    "string": (5, True, {}, []),
    "integer": ("five", 1.5, True, {}),
    "number": ("five", True, {}),
    "boolean": ("true", 1, "no"),
    "array": ("text", {}, 5),
    "object": ("text", [], 5),
}
_LIMITS = {"minimum": lt, "maximum": gt, "exclusiveMinimum": le, "exclusiveMaximum": ge}
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_NO_FORMATS: Mapping[str, Sequence[str]] = {
    "uuid": ["no-uuid"],
    "date": ["tomorrow"],
    "date-time": ["tomorrow"],
    "email": ["nobody"],
}
_ODD_LETTERS = "!<é .,/\\_-0aZ"


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """One rule, with the requests that break it and no other; its code is empty without one."""

    name: str
    code: str
    requests: tuple[VectorRequest, ...]


def list_broken_rules(api: str, request: VectorRequest, seed: int) -> list[BrokenRule]:
    """Return each rule that has an error code and that a change to a right request can break."""
    operation = contract.operation(request.method, request.target.partition("?")[0])
    if operation is None:
        return []
    item = contract.document(api)["paths"][operation.path][operation.method.lower()]
    chance = random.Random(seed)
    parameters = _of_parameters(api, operation, request, chance)
    rules = [*parameters, *_of_body(api, item, request, chance)]
    rules += _of_form(api, item, request, chance)
    return [*rules, *_of_operation(api, item, request)]


def _of_operation(
    api: str, item: Mapping[str, Any], request: VectorRequest
) -> Iterator[BrokenRule]:
    """Yield the rules of the request as a whole that the operation has a code for."""
    codes = dict(item.get("x-error-codes", {}))
    if not _merged(api, _body_schema(api, item)).get("properties"):
        codes.pop("duplicate", None)  # an object of any members is kept as it is
    if request.body is not None and request.body[:1] == b"{":
        for keyword, bodies in _broken_bodies(request.body).items():
            if keyword in codes:
                requests = tuple(replace(request, body=each) for each in bodies)
                yield BrokenRule(f"body {keyword}", str(codes[keyword]), requests)
        if "mediaType" in codes:
            plain = replace(request, headers=_with_type(request, "text/plain"))
            yield BrokenRule("body mediaType", str(codes["mediaType"]), (plain,))


def _with_type(request: VectorRequest, media: str) -> tuple[tuple[str, str], ...]:
    others = (pair for pair in request.headers if pair[0].lower() != "content-type")
    return (*others, ("Content-Type", media))


def _broken_bodies(body: bytes) -> Mapping[str, Sequence[bytes]]:
    """Return bodies that break one rule of JSON, by the keyword of the rule."""
    start = body.rstrip()[:-1]
    name, value = next(iter(json.loads(body).items()), ("x", 1))
    again = f"{json.dumps(name)}: {json.dumps(value)}".encode()
    deep = b"[" * 100_000 + b"]" * 100_000
    return {
        "required": [b""],
        "type": [b"[]", b'"text"', b"5"],
        "syntax": [start, body + b"}", b"{"],
        "charset": [start + b', "x": "\xff"}', start + b', "x": "\xc3"}'],
        "depth": [start + b', "x": ' + deep + b"}"],
        "duplicate": [start + b", " + again + b"}"],
        "empty": [b"{}"],
    }


def _body_media(api: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an operation tells of its JSON, empty without one."""
    content = contract.resolve(api, item.get("requestBody", {})).get("content", {})
    name = next((each for each in content if each.endswith("json")), "")
    media: Mapping[str, Any] = content.get(name, {})
    return media


def _body_schema(api: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of an operation's JSON, empty without one."""
    schema: Mapping[str, Any] = _body_media(api, item).get("schema", {})
    return schema


def _of_body(
    api: str, item: Mapping[str, Any], request: VectorRequest, chance: random.Random
) -> Iterator[BrokenRule]:
    schema = _body_schema(api, item)
    if not request.body or not schema:
        return
    value = json.loads(request.body)
    for path, keyword, code, bad in _broken(api, schema, value, (), chance):
        yield _broken_rule("", path, keyword, code, request, _list_changed(value, path, bad))
    made = read_facts(api).branches.get(item["operationId"], ())
    for branch in list_branches(api, _body_media(api, item), value, made):
        for path, keyword, code, bad in _broken(api, branch.schema, branch.value, (), chance):
            bodies = _list_changed(branch.value, path, bad)
            # Another branch may take what breaks a rule of this one.
            bodies = [each for each in bodies if not is_valid(api, schema, each)]
            if bodies:
                yield _broken_rule(f"{branch.name} ", path, keyword, code, request, bodies)


def _of_form(
    api: str, item: Mapping[str, Any], request: VectorRequest, chance: random.Random
) -> Iterator[BrokenRule]:
    """Yield the rules of the fields of a form, as those of a query: both have texts alone."""
    form = FormFields(request)
    content = contract.resolve(api, item.get("requestBody", {})).get("content", {})
    media = {name.partition(";")[0].strip().lower(): each for name, each in content.items()}
    schema = _merged(api, media.get(form.media_type, {}).get("schema", {}))
    for field in form.list_single():
        member = _merged(api, schema.get("properties", {}).get(field.name, {}))
        if member.get("readOnly"):
            continue
        is_required = field.name in schema.get("required", ())
        for keyword, code, bad in _of_field(api, member, field, is_required, chance):
            texts = (None if each is _GONE else each for each in _list_texts(keyword, member, bad))
            if requests := tuple(form.replace_text(field.name, each) for each in texts):
                yield BrokenRule(f"{field.name} {keyword}", code, requests)


def _of_field(
    api: str,
    member: Mapping[str, Any],
    field: FormField,
    is_required: bool,
    chance: random.Random,
) -> Iterator[tuple[str, str, Sequence[Any]]]:
    codes = _codes(api, member)
    is_text = field.text is not None and member.get("type") not in ("array", "object")
    if not is_text:  # a file, or a value in a form of its own, can be left out alone
        codes = {key: code for key, code in codes.items() if key == "required"}
    value = _read(field.text or "", member)
    found = _of_value(member, codes, value, is_required, chance)
    return ((keyword, code, bad) for keyword, code, bad in found if is_text or keyword != "null")


def _broken_rule(
    branch: str, path: Path, keyword: str, code: str, request: VectorRequest, bodies: Sequence[Any]
) -> BrokenRule:
    requests = tuple(replace(request, body=json.dumps(each).encode()) for each in bodies)
    place = ".".join(map(str, path)) or "body"
    return BrokenRule(f"{branch}{place} {keyword}", code, requests)


def _of_parameters(
    api: str, operation: contract.DeclaredOperation, request: VectorRequest, chance: random.Random
) -> Iterator[BrokenRule]:
    item = contract.document(api)["paths"][operation.path]
    for parameter in _list_parameters(api, item, item[operation.method.lower()]):
        place = ParameterPlace(parameter, operation.path)
        text = place.read_value(request)
        # In a media type it is no plain text, to which a broken one compares.
        if text is None or "schema" not in parameter:
            continue
        schema = _merged(api, parameter["schema"])
        for keyword, code, bad in _of_value(
            schema, {**_codes(api, schema), **parameter.get("x-error-codes", {})},
            _read(text, schema), bool(parameter.get("required")), chance,
        ):  # fmt: skip
            texts = (None if each is _GONE else each for each in _list_texts(keyword, schema, bad))
            requests = tuple(place.replace_value(request, each) for each in place.filter(texts))
            if requests:
                yield BrokenRule(f"{parameter['name']} {keyword}", code, requests)


def _list_parameters(
    api: str, item: Mapping[str, Any], operation: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """Return the parameters of an operation: its own come before those of its path."""
    both = (*item.get("parameters", ()), *operation.get("parameters", ()))
    found = (contract.resolve(api, each) for each in both)
    return list({(each["in"], each["name"]): each for each in found}.values())


def _read(text: str, schema: Mapping[str, Any]) -> Any:
    """Return the number that a parameter has, or its text."""
    is_number = schema.get("type") in ("integer", "number")
    return json.loads(text) if is_number and _NUMBER.fullmatch(text) else text


def _list_texts(keyword: str, schema: Mapping[str, Any], bad: Sequence[Any]) -> Iterator[Any]:
    """Yield the values that a parameter can have: it has texts alone."""
    if keyword == "type" and schema.get("type") in ("string", "boolean", "array", "object"):
        return
    for each in bad:
        # To many programs a parameter without a text is missing.
        if each is _GONE or (isinstance(each, str) and each):
            yield each
        elif isinstance(each, int | float) and not isinstance(each, bool):
            yield str(each)


def _broken(
    api: str, schema: Mapping[str, Any], value: Any, path: Path, chance: random.Random
) -> Iterator[tuple[Path, str, str, Sequence[Any]]]:
    schema = _merged(api, schema)
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            member = _merged(api, part)
            own = value.get(name, _make_value(member))
            if own is None or member.get("readOnly"):
                continue
            required = name in value and name in schema.get("required", ())
            for keyword, code, bad in _of_value(member, _codes(api, member), own, required, chance):
                yield (*path, name), keyword, code, bad
            if name in value:
                yield from _broken(api, member, own, (*path, name), chance)
        yield from _of_whole(api, schema, value, path)
    elif isinstance(value, list):
        parts = (*schema.get("prefixItems", ()), schema.get("items", True))
        for at, (part, own) in enumerate(zip(parts, value, strict=False)):
            element = _merged(api, part)
            for keyword, code, bad in _of_value(element, _codes(api, element), own, False, chance):
                yield (*path, at), keyword, code, bad
            yield from _broken(api, element, own, (*path, at), chance)


def _of_whole(
    api: str, schema: Mapping[str, Any], value: Mapping[str, Any], path: Path
) -> Iterator[tuple[Path, str, str, Sequence[Any]]]:
    """Yield the rules of an object that are none of its members'."""
    codes = _codes(api, schema)
    if schema.get("additionalProperties") is False and "additionalProperties" in codes:
        code = str(codes["additionalProperties"])
        yield path, "additionalProperties", code, [{**value, "noSuchMember": 1}]
    if schema.get("minProperties") and not schema.get("required") and "minProperties" in codes:
        yield path, "minProperties", str(codes["minProperties"]), [{}]


def _merged(api: str, schema: Mapping[str, Any] | bool) -> Mapping[str, Any]:
    """Return a schema without its reference, and with the members of its `allOf`."""
    schema = contract.resolve(api, schema)
    for part in schema.get("allOf", ()):
        other = _merged(api, part)
        properties = {**schema.get("properties", {}), **other.get("properties", {})}
        required = [*schema.get("required", ()), *other.get("required", ())]
        schema = {**other, **schema, "properties": properties, "required": required}
    return schema


def _make_value(schema: Mapping[str, Any]) -> Any:
    """Return a value for a member that the request lacks, or None if none is plain to see."""
    for known in (schema.get("example"), *schema.get("examples", ()), schema.get("default")):
        if known is not None:
            return known
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "integer":
        return schema.get("minimum", schema.get("maximum", 1))
    if schema.get("type") == "string" and not {"pattern", "format"} & set(schema):
        return "a" * max(schema.get("minLength", 0), min(8, schema.get("maxLength", 8)))
    return None


def _codes(api: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the error code of each rule; empty codes for all, in a contract without any."""
    if contract.codes(api):
        return schema.get("x-error-codes", {})  # type: ignore[no-any-return]
    # Without a code a format is no more than a word of its meaning.
    keywords = [key for key in ("type", "additionalProperties", *_CANDIDATES) if key != "format"]
    return dict.fromkeys(["required", *(key for key in keywords if key in schema)], "")


def _of_value(
    schema: Mapping[str, Any],
    codes: Mapping[str, Any],
    value: Any,
    required: bool,
    chance: random.Random,
) -> Iterator[tuple[str, str, Sequence[Any]]]:
    for keyword, code in codes.items():
        if keyword == "required":
            if required:
                yield keyword, str(code), [_GONE]
        elif bad := _sent(_breaking(keyword, schema, value, chance), str(code)):
            yield keyword, str(code), bad
    # To many programs null is a member that is missing, which a code of the type tells from it.
    is_told = bool(codes.get("type")) or (required and "required" in codes)
    if is_told and "type" in schema and not _takes_null(schema):
        yield "null", "", [None]


def _takes_null(schema: Mapping[str, Any]) -> bool:
    types = schema.get("type")
    return bool(schema.get("nullable")) or (isinstance(types, list) and "null" in types)


def _sent(bad: Sequence[Any], code: str) -> list[Any]:
    """Return the values that are sent: some a code tells to refuse, and some are no matter of it.

    Spring looks for a value without the spaces around it. Of the empty text a code does not tell
    whether it is missing or too short.
    """
    return [each for each in bad if (each != "" if code else not _is_spaced(each))]


def _is_spaced(value: Any) -> bool:
    return isinstance(value, str) and value != value.strip()


def _breaking(
    keyword: str, schema: Mapping[str, Any], value: Any, chance: random.Random
) -> list[Any]:
    """Return values that break one keyword of a schema and no other."""
    limit = schema.get(keyword)
    if keyword == "type":
        types = [each for each in limit if each != "null"] if isinstance(limit, list) else [limit]
        return list(_WRONG_TYPES.get(str(types[0]), ())) if len(types) == 1 else []
    if limit is None:
        return []
    candidates = _CANDIDATES.get(keyword, _no_candidates)(limit, value, chance)
    return [each for each in candidates if _broken_keywords(schema, each) == {keyword}]


def _no_candidates(_: Any, __: Any, ___: random.Random) -> list[Any]:
    return []


_CANDIDATES: Mapping[str, Any] = {
    "minLength": lambda limit, value, _: [value[:n] for n in range(limit)],
    "maxLength": lambda limit, value, _: [(value * (limit + 1))[: limit + n] for n in (1, 2, 50)],
    "pattern": lambda _, value, __: [
        form
        for odd in _ODD_LETTERS
        for form in (
            *(value[:-1] + odd, odd + value[1:], value[:1] + odd + value[2:]),
            *(value + odd, odd + value),  # to a pattern without its ends they are the same
        )
    ],
    "enum": list_near_words,
    "const": lambda word, value, chance: list_near_words([word], value, chance),
    # The limit itself is broken where OpenAPI 3.0 excludes it by a flag.
    "minimum": lambda limit, _, __: [limit - 1, limit],
    "maximum": lambda limit, _, __: [limit + 1, limit],
    "exclusiveMinimum": lambda limit, _, __: [limit] if not isinstance(limit, bool) else [],
    "exclusiveMaximum": lambda limit, _, __: [limit] if not isinstance(limit, bool) else [],
    "multipleOf": lambda limit, value, _: (
        [value + (1 if isinstance(limit, int) else limit / 2)]
        if isinstance(value, int | float)
        else []
    ),
    "format": lambda limit, _, __: _NO_FORMATS.get(limit, []),
    "minItems": lambda limit, value, _: [value[: limit - 1]],
    "maxItems": lambda limit, value, _: [(value * (limit + 1))[: limit + 1]],
    "minProperties": _no_candidates,
    "uniqueItems": lambda _, value, __: [[*value[:1], *value]],
}


def _broken_keywords(schema: Mapping[str, Any], value: Any) -> set[str]:
    if isinstance(value, str):
        broken = _broken_sizes(schema, len(value), "Length")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            broken.add("pattern")
    elif isinstance(value, list):
        broken = _broken_sizes(schema, len(value), "Items")
        is_twice = any(each in value[:at] for at, each in enumerate(value))
        # Too many may be alike.
        if schema.get("uniqueItems") and is_twice and not broken:
            broken.add("uniqueItems")
    else:
        is_number = isinstance(value, int | float)
        broken = set(_broken_limits(schema, value)) if is_number else set()
    if "format" in schema and value in _NO_FORMATS.get(schema["format"], ()):
        broken.add("format")
    if "enum" in schema and value not in schema["enum"]:
        broken.add("enum")
    if value != schema.get("const", value):
        broken.add("const")
    return broken


def _broken_sizes(schema: Mapping[str, Any], size: int, kind: str) -> set[str]:
    too_small = {f"min{kind}"} if size < schema.get(f"min{kind}", 0) else set()
    return too_small | ({f"max{kind}"} if size > schema.get(f"max{kind}", size) else set())


def _broken_limits(schema: Mapping[str, Any], value: float) -> Iterator[str]:
    for keyword, is_broken in _LIMITS.items():
        limit = schema.get(keyword)
        # In OpenAPI 3.0 the exclusive ones are flags.
        if isinstance(limit, bool) or not isinstance(limit, int | float):
            continue
        is_excluded = schema.get(f"exclusive{keyword.capitalize()}") is True
        if is_broken(value, limit) or (is_excluded and value == limit):
            yield keyword
    if value % schema.get("multipleOf", value or 1):
        yield "multipleOf"


def _list_changed(value: Any, path: Path, bad: Sequence[Any]) -> list[Any]:
    return [_changed(value, path, each) for each in bad]


def _changed(value: Any, path: Path, bad: Any) -> Any:
    if not path:
        return bad
    changed = copy.deepcopy(value)
    place = changed
    for step in path[:-1]:
        place = place[step]
    if bad is _GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = bad
    return changed
