"""Requests that break one rule of the contract, each with the error code that the rule names."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from . import contract
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
_ODD_LETTERS = "!<é .,/\\_-0aZ"
_WORDS = (
    "low medium high minor major critical unknown none other test null true info warning error "
    "debug trace fatal ok ko yes no success failed failure pending running active open closed "
    "new old all any default custom aws azure gcp ibm ali oci ovh oracle"
).split()
"""Words that a server may take beside those of an enumeration."""


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
    return [*_of_query(api, item, request, chance), *_of_body(api, item, request, chance)]


def _of_body(
    api: str, item: Mapping[str, Any], request: VectorRequest, chance: random.Random
) -> Iterator[BrokenRule]:
    body = contract.resolve(api, item.get("requestBody", {}))
    media = body.get("content", {}).get("application/json")
    if media is None or request.body is None:
        return
    value = json.loads(request.body)
    for path, keyword, code, bad in _broken(api, media["schema"], value, (), chance):
        requests = tuple(
            replace(request, body=json.dumps(_changed(value, path, each)).encode()) for each in bad
        )
        yield BrokenRule(f"{'.'.join(map(str, path))} {keyword}", code, requests)


def _of_query(
    api: str, item: Mapping[str, Any], request: VectorRequest, chance: random.Random
) -> Iterator[BrokenRule]:
    path, _, query = request.target.partition("?")
    fields = dict(parse_qsl(query, keep_blank_values=True))
    for reference in item.get("parameters", ()):
        parameter = contract.resolve(api, reference)
        name = parameter["name"]
        if parameter["in"] != "query" or name not in fields:
            continue
        schema = contract.resolve(api, parameter["schema"])
        for keyword, code, bad in _of_value(
            schema, {**_codes(api, schema), **parameter.get("x-error-codes", {})},
            fields[name], bool(parameter.get("required")), chance,
        ):  # fmt: skip
            texts = [each for each in bad if each is _GONE or isinstance(each, str)]
            if keyword == "type" or not texts:
                continue
            requests = tuple(
                replace(request, target=f"{path}?{_query(fields, name, text)}") for text in texts
            )
            yield BrokenRule(f"{name} {keyword}", code, requests)


def _query(fields: Mapping[str, str], name: str, text: Any) -> str:
    changed = {key: value for key, value in fields.items() if key != name}
    return urlencode(changed if text is _GONE else {**changed, name: text}, quote_via=quote)


def _broken(
    api: str, schema: Mapping[str, Any], value: Any, path: Path, chance: random.Random
) -> Iterator[tuple[Path, str, str, Sequence[Any]]]:
    schema = contract.resolve(api, schema)
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            member = contract.resolve(api, part)
            own = value.get(name, member.get("example"))
            if own is None:
                continue
            required = name in value and name in schema.get("required", ())
            for keyword, code, bad in _of_value(member, _codes(api, member), own, required, chance):
                yield (*path, name), keyword, code, bad
            if name in value:
                yield from _broken(api, member, own, (*path, name), chance)
    elif isinstance(value, list) and value and "items" in schema:
        yield from _broken(api, schema["items"], value[0], (*path, 0), chance)


def _codes(api: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the error code of each rule; empty codes for all, in a contract without any."""
    if contract.codes(api):
        return schema.get("x-error-codes", {})  # type: ignore[no-any-return]
    return dict.fromkeys(
        ["required", *(key for key in ("type", *_CANDIDATES) if key in schema)], ""
    )


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
        elif bad := _breaking(keyword, schema, value, chance):
            yield keyword, str(code), bad


def _breaking(
    keyword: str, schema: Mapping[str, Any], value: Any, chance: random.Random
) -> list[Any]:
    """Return values that break one keyword of a schema and no other."""
    limit = schema.get(keyword)
    if keyword == "type":
        return list(_WRONG_TYPES.get(str(limit), ()))
    if limit is None:
        return []
    candidates = _CANDIDATES.get(keyword, _no_candidates)(limit, value, chance)
    return [each for each in candidates if _broken_keywords(schema, each) == {keyword}]


def _no_candidates(_: Any, __: Any, ___: random.Random) -> list[Any]:
    return []


def _near_words(known: Sequence[Any], _: Any, chance: random.Random) -> list[Any]:
    texts = [each for each in known if isinstance(each, str)]
    near = [form for text in texts for form in (text.lower(), text.upper(), text.swapcase())]
    near += [form for text in texts for form in (f"{text} ", f" {text}", text[:-1], f"{text}X")]
    style = str.upper if texts and texts[0].isupper() else str.lower
    near += [style(word) for word in _WORDS]
    near += ["".join(chance.sample(text, len(text))) for text in texts]
    return [each for each in dict.fromkeys(near) if each and each not in known]


_CANDIDATES: Mapping[str, Any] = {
    "minLength": lambda limit, value, _: [value[:n] for n in range(1, limit)],
    "maxLength": lambda limit, value, _: [(value * (limit + 1))[: limit + n] for n in (1, 2, 50)],
    "pattern": lambda _, value, __: [
        form
        for odd in _ODD_LETTERS
        for form in (value[:-1] + odd, odd + value[1:], value[:1] + odd + value[2:])
    ],
    "enum": _near_words,
    "minimum": lambda limit, _, __: [limit - 1],
    "maximum": lambda limit, _, __: [limit + 1],
    "minItems": lambda limit, value, _: [value[: limit - 1]],
    "maxItems": lambda limit, value, _: [(value * (limit + 1))[: limit + 1]],
}


def _broken_keywords(schema: Mapping[str, Any], value: Any) -> set[str]:
    broken = set()
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            broken.add("minLength")
        if len(value) > schema.get("maxLength", len(value)):
            broken.add("maxLength")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            broken.add("pattern")
    if isinstance(value, int | float):
        if value < schema.get("minimum", value):
            broken.add("minimum")
        if value > schema.get("maximum", value):
            broken.add("maximum")
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            broken.add("minItems")
        if len(value) > schema.get("maxItems", len(value)):
            broken.add("maxItems")
    if "enum" in schema and value not in schema["enum"]:
        broken.add("enum")
    return broken


def _changed(value: Any, path: Path, bad: Any) -> Any:
    changed = copy.deepcopy(value)
    place = changed
    for step in path[:-1]:
        place = place[step]
    if bad is _GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = bad
    return changed
