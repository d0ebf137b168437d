"""A right server of `orders.yaml` by FastAPI, on uvicorn."""

from __future__ import annotations

import base64
import json
import socket
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import uvicorn
from fastapi import Cookie, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteException

KEY = "shop-key-0123456789"
LIMIT = 1_000_000
application = FastAPI()
orders: dict[UUID, dict[str, Any]] = {}


Name = Annotated[str, Field(min_length=2, max_length=40)]
Pieces = Annotated[int, Field(ge=1, le=1000, strict=True)]
Cents = Annotated[int, Field(ge=0, le=2**53 - 1, strict=True)]
Label = Annotated[str, Field(pattern="^[a-z]{2,10}$")]


class State(StrEnum):
    open = "open"
    sent = "sent"
    returned = "returned"


class ChangedOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")
    customer: Name = ""
    pieces: Pieces = 0
    cents: Cents = 0
    state: State = State.open
    note: Annotated[str, Field(max_length=200)] | None = None
    gift: Annotated[bool, Field(strict=True)] = False


class NewOrder(ChangedOrder):
    customer: Name
    pieces: Pieces
    labels: Annotated[list[Label], Field(max_length=5)] = []


class Card(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["card"]
    number: Annotated[str, Field(pattern="^[0-9]{12}$")]


class Voucher(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["voucher"]
    code: Annotated[str, Field(min_length=4, max_length=12)]


@application.exception_handler(StarletteException)
async def refuse(_: Request, refused: StarletteException) -> JSONResponse:
    return JSONResponse({"message": refused.detail}, refused.status_code, refused.headers)


@application.exception_handler(RequestValidationError)
async def refuse_invalid(_: Request, refused: RequestValidationError) -> JSONResponse:
    return JSONResponse({"message": refused.errors()[0]["msg"]}, 400)


def demand(expected: str, header: str = "authorization", challenge: str = "Bearer") -> Any:
    async def check(request: Request) -> None:
        if request.headers.get(header) != expected:
            raise HTTPException(401, "Log in first", {"WWW-Authenticate": challenge})

    return [Depends(check)]


TOKEN = demand(f"Bearer {KEY}")
PASSWORD = demand("Basic " + base64.b64encode(f"shop:{KEY}".encode()).decode(), challenge="Basic")


async def check_session(session: Annotated[str, Cookie()] = "") -> None:
    if session != KEY:
        raise HTTPException(401, "Log in first")


SESSION = [Depends(check_session)]


async def check_body(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "Send JSON")
    if len(await request.body()) > LIMIT:
        raise HTTPException(413, "Too large")


def find(order_id: UUID) -> dict[str, Any]:
    if order_id not in orders:
        raise HTTPException(404, "There is no such order")
    return orders[order_id]


@application.get("/orders", dependencies=TOKEN)
async def list_orders(
    state: State | None = None,
    gift: Literal["true", "false"] | None = None,
    customer: Annotated[str | None, Query(max_length=40)] = None,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> Any:
    found = [each for each in reversed(orders.values()) if state in (None, each["state"])]
    found = [each for each in found if gift in (None, json.dumps(each["gift"]))]
    found = [each for each in found if customer in (None, each["customer"])]
    return found[offset : offset + limit]


@application.post("/orders", status_code=201, dependencies=[*TOKEN, Depends(check_body)])
async def create_order(order: NewOrder) -> Any:
    order_id = uuid4()
    orders[order_id] = {"id": order_id, **order.model_dump()}
    return orders[order_id]


@application.get("/orders/{order_id}", dependencies=TOKEN)
async def show_order(order_id: UUID) -> Any:
    return find(order_id)


@application.patch("/orders/{order_id}", dependencies=[*TOKEN, Depends(check_body)])
async def change_order(order_id: UUID, change: ChangedOrder) -> Any:
    find(order_id).update(change.model_dump(exclude_unset=True))
    return orders[order_id]


@application.delete("/orders/{order_id}", status_code=204, dependencies=TOKEN)
async def delete_order(order_id: UUID) -> Response:
    find(order_id)
    del orders[order_id]
    return Response(status_code=204)


@application.get("/figures", dependencies=PASSWORD)
@application.get("/stock", dependencies=TOKEN)
async def show_figures() -> Any:
    return {"count": len(orders)}


@application.get("/basket", dependencies=SESSION)
async def show_basket(currency: Annotated[Literal["EUR", "USD"], Cookie()] = "EUR") -> Any:
    return {"count": len(orders), "currency": currency}


@application.post("/payments", status_code=201, dependencies=[*TOKEN, Depends(check_body)])
async def pay(payment: Annotated[Card | Voucher, Field(discriminator="kind")]) -> Any:
    return {"kind": payment.kind}


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(application, log_level="critical")).run([listener])
