"""The same work as users of FastAPI write it: models, dependencies, and their checks."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from hmac import compare_digest
from typing import Annotated, Any
from uuid import uuid4

import jwt
from fastapi import Body, Depends, FastAPI, HTTPException, Query, Response, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, ConfigDict, Field

from benchmarks.peers import world
from benchmarks.peers.serving import serve

app = FastAPI(title="The same work by FastAPI")
api_key = APIKeyHeader(name="x-api-key")
access_key = APIKeyHeader(name="access-key")
kept: deque[tuple[str, Any]] = deque(maxlen=1_000)


class Hyperscaler(StrEnum):
    """Where the operation ran."""

    AWS = "AWS"
    AZU = "AZU"
    GCP = "GCP"
    CAV = "CAV"
    OTH = "OTH"


class Status(StrEnum):
    """How it ended."""

    OK = "OK"
    KO = "KO"
    OO = "OO"


class Impact(StrEnum):
    """What it means to others."""

    MINOR = "MINOR"
    MODERATE = "MODERATE"
    MAJOR = "MAJOR"
    CRITICAL = "CRITICAL"


Name = Annotated[str, Field(min_length=3, max_length=20, pattern=r"^[-A-Za-z0-9_]+$")]


class CloudEvent(BaseModel):
    """One operation of a cloud."""

    model_config = ConfigDict(extra="allow")

    cl: Annotated[str, Field(min_length=3, max_length=10, pattern=r"^[A-Za-z]+$")]
    ty: Name
    hs: Hyperscaler
    ac: Name
    re: Name
    st: Status
    im: Impact = Impact.MINOR
    me: Annotated[str, Field(min_length=3, max_length=255, pattern=r"^[^<>]*$")]


class Created(BaseModel):
    """The event is stored."""

    statusCode: int = 200  # noqa: N815  # as the page spells it
    message: str = world.CREATED
    id: str


class Received(BaseModel):
    """The event is stored."""

    code: int
    message: str


class Token(BaseModel):
    """A token of a client."""

    access_token: str


class TokenAnswer(BaseModel):
    """What a client gets."""

    content: Token


async def known_key(key: Annotated[str, Security(api_key)]) -> None:
    """Refuse a key that nobody has."""
    if not compare_digest(key, world.API_KEY):
        raise HTTPException(403)


async def client(token: Annotated[str, Security(access_key)]) -> str:
    """Who is calling."""
    try:
        return world.client_of(token)
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "Incorrect token") from error


@app.get("/create", dependencies=[Depends(known_key)])
async def create(event: Annotated[CloudEvent, Query()], response: Response) -> Created:
    """Keep an event that comes as a query."""
    event_id = str(uuid4())
    kept.append((event_id, event))
    response.headers["Cache-Control"] = "no-store"
    return Created(id=event_id)


@app.post("/event/send")
async def send_event(
    event_identifier: Annotated[str, Query(alias="event-identifier", min_length=1)],
    body: Annotated[Any, Body()],
    sender: Annotated[str, Depends(client)],
) -> Received:
    """Keep an event of any JSON."""
    if world.OWNERS.get(event_identifier) != sender:
        raise HTTPException(400, "The event does not exist.")
    kept.append((event_identifier, body))
    return Received(code=200310, message=world.NO_CONTRACTS)


@app.post("/auth/token", status_code=201)
async def give_token() -> TokenAnswer:
    """Give the client its token."""
    return TokenAnswer(content=Token(access_token=world.token()))


if __name__ == "__main__":
    serve(app)
