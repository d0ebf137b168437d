"""A request with all that an operation needs, made of the document's examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote as percent_encoded
from urllib.parse import quote_plus

from tallystick.contract.media_types import is_json, plain_type
from tallystick.contract.sample_request import SampleRequests
from tallystick.contract.security_schemes import key_variable
from tallystick.web.schema_rows import Schemas, text

_LINE = 72


class SampleRequest(NamedTuple):
    """A request; a credential in it is a variable, such as ``$CHARON_KEY``."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: str | None


class _Value(NamedTuple):
    place: str
    name: str
    value: str


def sample_request(
    api: str,
    schemas: Schemas,
    samples: SampleRequests,
    path: str,
    method: str,
    operation: Mapping[str, Any],
    security: Sequence[Mapping[str, Any]],
) -> SampleRequest:
    """Return a request with the required values and the first credential.

    A value is an example of the document, or else a made one.
    """
    made = samples.make_values(operation)
    sent = [_credential(schemas, api, name) for need in security[:1] for name in need]
    sent += _required(schemas, operation, made.parameters)
    headers = [(value.name, value.value) for value in sent if value.place == "header"]
    media_type, body = _body(schemas, samples, operation, made.body)
    headers += [("Content-Type", media_type)] if media_type else []
    return SampleRequest(method.upper(), _target(path, sent), headers, body)


def _credential(schemas: Schemas, api: str, name: str) -> _Value:
    scheme = schemas.followed({"$ref": f"#/components/securitySchemes/{name}"})
    variable = f"${key_variable(api, name)}"
    if scheme["type"] == "apiKey":
        return _Value(scheme["in"], scheme["name"], scheme.get("x-prefix", "") + variable)
    word = scheme.get("scheme", "bearer").capitalize()
    return _Value("header", "Authorization", f"{word} {variable}")


def _required(
    schemas: Schemas, operation: Mapping[str, Any], made: Mapping[str, Any]
) -> Iterator[_Value]:
    for parameter in map(schemas.followed, operation.get("parameters", ())):
        if parameter.get("required"):
            name, example = parameter["name"], schemas.example(parameter.get("schema", {}))
            value = text(parameter.get("example", example or made.get(name, "")))
            yield _Value(parameter["in"], name, value)


def _target(path: str, sent: Sequence[_Value]) -> str:
    values = {s.name: percent_encoded(s.value, safe="") for s in sent if s.place == "path"}
    filled = re.sub(r"\{([^}]+)\}", lambda match: values.get(match[1]) or match[1], path)
    query = "&".join(f"{s.name}={_in_query(s.value)}" for s in sent if s.place == "query")
    return f"{filled}?{query}" if query else filled


def _in_query(value: str) -> str:
    return value if value.startswith("$") else quote_plus(value)


def _body(
    schemas: Schemas, samples: SampleRequests, operation: Mapping[str, Any], made: Any
) -> tuple[str, str] | tuple[None, None]:
    body = schemas.followed(operation.get("requestBody", {}))
    for media_type, media in body.get("content", {}).items():
        if is_json(plain_type(media_type)):
            return media_type, _readable(_example(schemas, media, made))
    written = samples.write_body(operation)
    return (written.media_type, written.content.decode()) if written else (None, None)


def _example(schemas: Schemas, media: Mapping[str, Any], made: Any) -> Any:
    if "example" in media:
        return media["example"]
    for example in media.get("examples", {}).values():
        return schemas.followed(example)["value"]
    example = schemas.example(media.get("schema", {}))
    return made if example == "" else example


def _readable(example: Any) -> str:
    line = text(example)
    return line if len(line) <= _LINE else text(example, indent=2)
