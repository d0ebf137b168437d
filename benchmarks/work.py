"""The two requests that every program answers."""

from __future__ import annotations

import json
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

CREATE = "GET /create"
SEND = "POST /event/send"
CREATE_PATH = "/create?cl=EDF&hs=AWS&ty=START_EC2&ac=525060831330&re=eu-west-3&st=OK&me=Successful"
SEND_PATH = "/event/send?event-identifier=quiet-bomb-0000000000"
API_KEY = "XXX1XX12XxxxXXxxXXx0xXxx"
EVENT = b'{"name":"Morpheush","job":"Leader","id":"199","createdAt":"2020-02-20T11:00:28.107Z"}'
JSON = {"Content-Type": "application/json"}
TIMEOUT_S = 5


class Work(NamedTuple):
    """One request, again and again."""

    name: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def method(self) -> str:
        """The request's method."""
        return self.name.partition(" ")[0]

    def status(self, url: str) -> int:
        """What a program answers to it, once."""
        request = Request(url + self.path, self.body or None, self.headers, method=self.method)
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:
                status: int = answer.status
        except HTTPError as error:
            return error.code
        return status

    def succeeds(self, url: str) -> bool:
        """Whether a program does it, tried once."""
        return self.status(url) == 200


def create() -> Work:
    """An event of which every field is checked, by its query."""
    return Work(CREATE, CREATE_PATH, {"x-api-key": API_KEY})


def send(token: str) -> Work:
    """An event of any JSON, by a client with a signed token."""
    return Work(SEND, SEND_PATH, {"access-key": token, **JSON}, EVENT)


def broken(work: Work) -> Work:
    """The same work without a parameter that its contract requires."""
    path = work.path.replace("cl=EDF&", "").replace("event-identifier", "event")
    return work._replace(path=path)


def token(url: str) -> str:
    """A token that the program itself gives out."""
    client = {"client_id": "dev-client", "client_secret": "dev-secret"}
    body = json.dumps({"grant_type": "client_credentials", **client}).encode()
    with urlopen(Request(f"{url}/auth/token", body, JSON), timeout=TIMEOUT_S) as answer:
        given: str = json.load(answer)["content"]["access_token"]
    return given
