"""Writes a curl command for an operation from the document's examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import Any, NamedTuple
from urllib.parse import quote as percent_encoded
from urllib.parse import quote_plus

from tallystick.web.schema_rows import Schemas, text

ORIGIN = "http://127.0.0.1:8080"
"""The origin in the command; the page's script replaces it by the page's own."""

_LINE = 72


class _SampleRequest(NamedTuple):
    place: str
    name: str
    value: str


def curl_line(
    api: str,
    schemas: Schemas,
    path: str,
    method: str,
    operation: Mapping[str, Any],
    security: Sequence[Mapping[str, Any]],
) -> str:
    """Return a curl command with the required values; a credential is a shell variable."""
    sent = [_credential(schemas, api, name) for need in security[:1] for name in need]
    sent += _required(schemas, operation)
    parts = ["curl"] if method in {"get", "post"} else [f"curl -X {method.upper()}"]
    parts += [f"-H {_shell(f'{s.name}: {s.value}')}" for s in sent if s.place == "header"]
    parts += _body(schemas, schemas.followed(operation.get("requestBody", {})))
    parts.append(_shell(_url(path, sent)))
    return " \\\n  ".join(parts)


def _credential(schemas: Schemas, api: str, name: str) -> _SampleRequest:
    scheme = schemas.followed({"$ref": f"#/components/securitySchemes/{name}"})
    variable = f"${api.upper()}_KEY"
    if scheme["type"] == "apiKey":
        return _SampleRequest(scheme["in"], scheme["name"], variable)
    word = scheme.get("scheme", "bearer").capitalize()
    return _SampleRequest("header", "Authorization", f"{word} {variable}")


def _required(schemas: Schemas, operation: Mapping[str, Any]) -> Iterator[_SampleRequest]:
    for parameter in map(schemas.followed, operation.get("parameters", ())):
        if parameter.get("required"):
            value = text(parameter.get("example", schemas.example(parameter.get("schema", {}))))
            yield _SampleRequest(parameter["in"], parameter["name"], value)


def _url(path: str, sent: Sequence[_SampleRequest]) -> str:
    values = {s.name: percent_encoded(s.value, safe="") for s in sent if s.place == "path"}
    filled = re.sub(r"\{([^}]+)\}", lambda match: values.get(match[1]) or match[1], path)
    query = "&".join(f"{s.name}={_in_query(s.value)}" for s in sent if s.place == "query")
    return f"{ORIGIN}{filled}?{query}" if query else f"{ORIGIN}{filled}"


def _in_query(value: str) -> str:
    return value if value.startswith("$") else quote_plus(value)


def _body(schemas: Schemas, body: Mapping[str, Any]) -> Iterator[str]:
    for media_type, media in list(body.get("content", {}).items())[:1]:
        yield f"-H 'Content-Type: {media_type}'"
        yield f"-d {quote(_readable(_example(schemas, media)))}"


def _example(schemas: Schemas, media: Mapping[str, Any]) -> Any:
    if "example" in media:
        return media["example"]
    for example in media.get("examples", {}).values():
        return schemas.followed(example)["value"]
    example = schemas.example(media.get("schema", {}))
    return {} if example == "" else example


def _readable(example: Any) -> str:
    line = text(example)
    return line if len(line) <= _LINE else text(example, indent=2)


def _shell(word: str) -> str:
    """Return the word quoted for a shell, with variables left to expand."""
    return f'"{word}"' if "$" in word else quote(word)
