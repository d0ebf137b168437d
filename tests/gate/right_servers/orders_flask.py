"""A right server of `orders.yaml` by Flask, behind gunicorn."""

from __future__ import annotations

import base64
import os
import re
import socket
import sys
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue

KEY = "shop-key-0123456789"
STATES = ("open", "sent", "returned")
application = Flask(__name__)
application.config["MAX_CONTENT_LENGTH"] = 1_000_000
orders: dict[str, dict[str, Any]] = {}


def refuse(refused: Any) -> ResponseReturnValue:
    response: Response = refused.get_response()
    response.data = application.json.dumps({"message": refused.description})
    response.content_type = "application/json"
    return response


for status in (400, 401, 404, 405, 413, 415):
    application.register_error_handler(status, refuse)


def demand(expected: str, header: str = "Authorization") -> None:
    if request.headers.get(header) != expected:
        abort(401, "Log in first")


def is_text(value: Any, least: int, most: int) -> bool:
    return isinstance(value, str) and least <= len(value) <= most


def is_label(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[a-z]{2,10}", value) is not None


def all_labels(values: list[Any]) -> bool:
    return all(map(is_label, values))


RULES = {
    "customer": lambda value: is_text(value, 2, 40),
    "pieces": lambda value: type(value) is int and 1 <= value <= 1000,
    "cents": lambda value: type(value) is int and 0 <= value < 2**53,
    "state": lambda value: value in STATES,
    "note": lambda value: value is None or is_text(value, 0, 200),
    "gift": lambda value: isinstance(value, bool),
    "labels": lambda value: (
        isinstance(value, list) and len(value) <= 5 and all(map(is_label, value))
    ),
}


def refuse_constant(name: str) -> None:
    raise ValueError(name)


def read_object() -> dict[str, Any]:
    if request.mimetype != "application/json":
        abort(415, "Send JSON")
    text = request.get_data()
    try:
        value = application.json.loads(text.decode(), parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        abort(400, "No JSON")
    if not isinstance(value, dict):
        abort(400, "No object")
    return value


def read_order(names: tuple[str, ...], required: tuple[str, ...] = ()) -> dict[str, Any]:
    value = read_object()
    if not set(required) <= set(value) <= set(names):
        abort(400, "Missing or unknown members")
    for name, each in value.items():
        if not RULES[name](each):
            abort(400, f"{name} is invalid")
    return value


def find(order_id: UUID) -> dict[str, Any]:
    if str(order_id) not in orders:
        abort(404, "There is no such order")
    return orders[str(order_id)]


def read_id(order_id: str) -> UUID:
    try:
        return UUID(order_id)
    except ValueError:
        abort(400, "No UUID")


@application.get("/orders")
def list_orders() -> ResponseReturnValue:
    demand(f"Bearer {KEY}")
    state, limit = request.args.get("state"), request.args.get("limit", "100")
    if state is not None and state not in STATES:
        abort(400, "There is no such state")
    if not re.fullmatch("[0-9]{1,3}", limit, re.ASCII) or not 1 <= int(limit) <= 100:
        abort(400, "limit is 1 to 100")
    offset, gift = request.args.get("offset", "0"), request.args.get("gift")
    if not re.fullmatch("[0-9]{1,7}", offset, re.ASCII) or int(offset) > 1_000_000:
        abort(400, "offset is 0 to 1000000")
    if gift not in (None, "true", "false"):
        abort(400, "gift is true or false")
    customer = request.args.get("customer")
    if customer is not None and len(customer) > 40:
        abort(400, "customer is too long")
    found = [each for each in reversed(orders.values()) if state in (None, each["state"])]
    found = [each for each in found if gift in (None, str(each.get("gift", False)).lower())]
    found = [each for each in found if customer in (None, each["customer"])]
    return found[int(offset) :][: int(limit)]


@application.post("/orders")
def create_order() -> ResponseReturnValue:
    demand(f"Bearer {KEY}")
    order = read_order(tuple(RULES), ("customer", "pieces"))
    order_id = str(uuid4())
    orders[order_id] = {"id": order_id, "state": "open", **order}
    return orders[order_id], 201


@application.get("/orders/<order_id>")
def show_order(order_id: str) -> ResponseReturnValue:
    demand(f"Bearer {KEY}")
    return find(read_id(order_id))


@application.patch("/orders/<order_id>")
def change_order(order_id: str) -> ResponseReturnValue:
    demand(f"Bearer {KEY}")
    change = read_order(tuple(RULES)[:-1])
    find(read_id(order_id)).update(change)
    return find(read_id(order_id))


@application.delete("/orders/<order_id>")
def delete_order(order_id: str) -> ResponseReturnValue:
    demand(f"Bearer {KEY}")
    find(read_id(order_id))
    del orders[str(UUID(order_id))]
    return "", 204


@application.get("/figures")
def show_figures() -> ResponseReturnValue:
    demand("Basic " + base64.b64encode(f"shop:{KEY}".encode()).decode())
    return {"count": len(orders)}


@application.get("/basket")
def show_basket() -> ResponseReturnValue:
    if request.cookies.get("session") != KEY:
        abort(401, "Log in first")
    if request.cookies.get("currency", "EUR") not in ("EUR", "USD"):
        abort(400, "There is no such currency")
    return {"count": len(orders)}


@application.post("/payments")
def pay() -> ResponseReturnValue:
    demand(f"Bearer {KEY}")
    value = read_object()
    kind, number, code = (value.get(name) for name in ("kind", "number", "code"))
    is_card = isinstance(number, str) and re.fullmatch("[0-9]{12}", number, re.ASCII)
    is_paid = {
        "card": set(value) == {"kind", "number"} and is_card,
        "voucher": set(value) == {"kind", "code"} and is_text(code, 4, 12),
    }
    if not is_paid.get(str(kind)):
        abort(400, "The payment is invalid")
    return {"kind": kind}, 201


@application.get("/stock")
def show_stock() -> ResponseReturnValue:
    demand(f"Bearer {KEY}")
    return {"count": len(orders)}


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    listener.set_inheritable(True)
    place = ["--bind", f"fd://{listener.fileno()}", "--chdir", str(Path(__file__).parent)]
    limits = ["--threads", "4", "--log-level", "critical"]
    gunicorn = [sys.executable, "-m", "gunicorn", *place, *limits]
    os.execv(sys.executable, [*gunicorn, f"{Path(__file__).stem}:application"])
