"""Contracts of orders that wrap what is sent and answered, each in its own way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

TEXT = {"type": "string"}
COUNT = {"type": "integer"}
NEW = {"$ref": "#/components/schemas/NewOrder"}
ORDER = {"$ref": "#/components/schemas/Order"}

SENT = {"customer": "Ada", "pieces": 3, "address": {"city": "Oslo", "zip": "0150"}}

_ADDRESS = {"type": "object", "properties": {"city": TEXT, "zip": TEXT, "id": TEXT}}
_MEMBERS = {"customer": TEXT, "pieces": COUNT, "address": _ADDRESS, "status": TEXT}


def record(required: bool = True, **members: Any) -> dict[str, Any]:
    """Return the schema of an object that has the members."""
    schema: dict[str, Any] = {"type": "object", "properties": members}
    return {**schema, "required": list(members)} if required else schema


def array(items: Any) -> dict[str, Any]:
    """Return the schema of an array."""
    return {"type": "array", "items": items}


class Wrapping(NamedTuple):
    """How a contract wraps an order, each with the place of it."""

    request: Any
    sent: tuple[str, ...]
    answer: Any
    shown: tuple[str, ...]
    list: Any
    listed: tuple[str, ...]
    known: Mapping[str, Any] = {}
    """What the list's answer has beside its one item."""
    inner: tuple[str, ...] = ()
    """Where each item of the list has the order."""
    beside: Mapping[str, Any] = {}
    """What a request has beside the order."""


_RESOURCE = record(
    type={"type": "string", "enum": ["orders"]}, id=TEXT, attributes={"$ref": NEW["$ref"]}
)
_SENT_RESOURCE = record(data=record(type=_RESOURCE["properties"]["type"], attributes=NEW))
_LINKS = record(self={"type": "string", "format": "uri-reference"})

WRAPPINGS = {
    "data, flat request": Wrapping(
        NEW, (), record(data=ORDER), ("data",),
        record(data=array(ORDER), meta=record(total=COUNT, page=COUNT)), ("data",),
        {"meta": {"total": 1, "page": 1}},
    ),
    "optional data, flat request": Wrapping(
        NEW, (), record(False, data=ORDER, meta=record()), ("data",),
        record(False, data=array(ORDER), count=COUNT), ("data",), {"count": 1},
    ),
    "the name of the item, alike": Wrapping(
        record(order=NEW), ("order",), record(order=ORDER), ("order",),
        record(orders=array(ORDER), total=COUNT), ("orders",), {"total": 1},
    ),
    "the same schema sent and shown": Wrapping(
        {"$ref": "#/components/schemas/Envelope"}, ("order",),
        {"$ref": "#/components/schemas/Envelope"}, ("order",),
        array({"$ref": "#/components/schemas/Envelope"}), (), {}, ("order",),
    ),
    "another name in the request": Wrapping(
        record(payload=NEW), ("payload",), record(result=ORDER), ("result",),
        record(results=array(ORDER)), ("results",),
    ),
    "with links": Wrapping(
        NEW, (), record(order=ORDER, links=_LINKS), ("order",),
        record(orders=array(ORDER), links=_LINKS), ("orders",),
    ),
    "JSON:API": Wrapping(
        _SENT_RESOURCE, ("data", "attributes"), record(data=_RESOURCE), ("data", "attributes"),
        record(data=array(_RESOURCE), included=array(record())), ("data",), {},
        ("attributes",), {"data": {"type": "orders"}},
    ),
    "JSON:API, flat request": Wrapping(
        NEW, (), record(data=_RESOURCE), ("data", "attributes"),
        record(data=array(_RESOURCE)), ("data",), {}, ("attributes",),
    ),
    "Stripe": Wrapping(
        NEW, (), ORDER, (),
        record(object={"type": "string", "enum": ["list"]}, data=array(ORDER),
               has_more={"type": "boolean"}), ("data",), {"object": "list", "has_more": False},
    ),
    "HAL": Wrapping(
        NEW, (), {"allOf": [ORDER, record(False, _links=_LINKS)]}, (),
        record(_embedded=record(orders=array(ORDER)),
               page=record(size=COUNT, totalElements=COUNT, totalPages=COUNT)),
        ("_embedded", "orders"), {"page": {"size": 1000, "totalElements": 1, "totalPages": 1}},
    ),
    "success": Wrapping(
        NEW, (), record(success={"type": "boolean"}, result=ORDER), ("result",),
        record(success={"type": "boolean"}, result=array(ORDER),
               result_info=record(False, count=COUNT)), ("result",), {"success": True},
    ),
    "JSend": Wrapping(
        NEW, (), record(status={"type": "string", "enum": ["success", "fail"]},
                        data=record(order=ORDER)), ("data", "order"),
        record(status={"type": "string", "enum": ["success", "fail"]},
               data=record(orders=array(ORDER))), ("data", "orders"), {"status": "success"},
    ),
    "a list within data": Wrapping(
        NEW, (), record(code=COUNT, message=TEXT, data=ORDER), ("data",),
        record(code=COUNT, data=record(list=array(ORDER), total=COUNT)), ("data", "list"),
    ),
    "a token of the next page": Wrapping(
        NEW, (), ORDER, (), record(False, items=array(ORDER), next_page_token=TEXT), ("items",),
    ),
    "Square": Wrapping(
        record(False, idempotency_key=TEXT, order=NEW), ("order",),
        record(False, errors=array(record(code=TEXT)), order=ORDER), ("order",),
        record(False, cursor=TEXT, orders=array(ORDER)), ("orders",), {}, (),
        {"idempotency_key": "once"},
    ),
    "each item wrapped": Wrapping(
        record(data=NEW), ("data",), record(data=ORDER), ("data",),
        record(data=array(record(order=ORDER)), total=COUNT), ("data",), {"total": 1},
        ("order",),
    ),
    "a version beside the item, alike": Wrapping(
        record(False, version=TEXT, data=NEW), ("data",), record(False, version=TEXT, data=ORDER),
        ("data",), record(False, version=TEXT, data=array(ORDER)), ("data",),
    ),
}  # fmt: skip
"""The ways, by what one may call them."""


def wrapped(wrapping: Wrapping, id_: Mapping[str, Any] = TEXT) -> str:
    """Return the contract of orders that are wrapped so."""
    schemas = {
        "NewOrder": record(False, **_MEMBERS) | {"required": ["customer"]},
        "Order": {
            "allOf": [NEW, {"type": "object", "required": ["id"], "properties": {"id": id_}}]
        },
        "Envelope": record(False, order=record(False, **_MEMBERS, id={**id_, "readOnly": True})),
    }
    parameter = {"name": "orderId", "in": "path", "required": True, "schema": id_}
    sends = {"requestBody": {"required": True, "content": _json(wrapping.request)}}
    shows = {"200": {"description": "It.", "content": _json(wrapping.answer)}}
    missing = {"404": {"description": "There is none."}}
    made = {
        "description": "Made.",
        "headers": {"Location": {"schema": TEXT}},
        "content": _json(wrapping.answer),
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "components": {"schemas": schemas},
        "paths": {
            "/orders": {
                "get": {
                    "responses": {"200": {"description": "All.", "content": _json(wrapping.list)}}
                },
                "post": {**sends, "responses": {"201": made}},
            },
            "/orders/{orderId}": {
                "parameters": [parameter],
                "get": {"responses": {**shows, **missing}},
                "put": {**sends, "responses": {**shows, **missing}},
                "patch": {
                    "requestBody": {"content": _json(_without_required(wrapping.request))},
                    "responses": {**shows, **missing},
                },
                "delete": {"responses": {"204": {"description": "Gone."}, **missing}},
            },
        },
    }
    return json.dumps(document)


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _without_required(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    if schema == NEW:
        return record(False, **_MEMBERS)
    return {name: _without_required(each) for name, each in schema.items() if name != "required"}
