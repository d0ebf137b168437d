"""A right server of charon's page, on uvicorn as FastAPI is; it lacks the calls of the gateway."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import socket
from typing import Any

import uvicorn

KEY = "shop-key-0123456789"
LIMIT = 1_000_000
LONGEST = 65_536
CRONS: dict[str, dict[str, Any]] = {
    "digest": {"id": 7, "active": True},
    "old-export": {"id": 9, "active": False},
}
TYPES = ("info", "warning", "error", "success")
NOT_JSON = (400, "Le corps de la requête n'est pas un JSON lisible.")
NO_KEY = (401, "Clé d'API manquante ou invalide.")
NO_PATH = (404, "Ressource introuvable.")
NO_CRON = (404, "Cron introuvable.")
NO_EXECUTION = (404, "Exécution introuvable.")
NO_METHOD = (405, "Méthode non autorisée.")
ENDED = (409, "L'exécution est déjà terminée.")
TOO_LARGE = (413, "Le corps de la requête est trop volumineux.")
NO_ENCODING = (415, "L'encodage du contenu n'est pas pris en charge.")
PAUSED = (418, "Le cron n'est pas actif.")
INVALID = (422, "Les données envoyées ne sont pas valides.")
NO_STORE = {"cache-control": "no-store"}

executions: dict[int, dict[str, Any]] = {}
next_execution = itertools.count(1_001)
next_message = itertools.count(50_001)


class Refused(Exception):
    """A refusal: its status, its message, and further members or headers."""

    def __init__(self, told: tuple[int, str], violations: Any = None, allow: str = "") -> None:
        super().__init__(told[1])
        self.status = told[0]
        self.body = {"code": told[0], "message": told[1]}
        if violations is not None:
            self.body["violations"] = violations
        self.headers = {"allow": allow} if allow else {}
        if self.status == 401:
            self.headers["www-authenticate"] = 'ApiKey realm="charon"'


def find_cron(number: str) -> dict[str, Any]:
    for cron in CRONS.values():
        if str(cron["id"]) == number:
            return cron
    raise Refused(NO_CRON)


def find_execution(number: str) -> dict[str, Any]:
    if int(number) not in executions:
        raise Refused(NO_EXECUTION)
    return executions[int(number)]


def refuse_no_number(number: str) -> None:
    if not re.fullmatch(r"-?[0-9]{1,19}", number):
        raise Refused(NO_EXECUTION)


def read_number(text: str) -> int:
    digits = text.lstrip("-")
    return int(text) if len(digits) <= 4_000 else 0


def refuse_constant(name: str) -> Any:
    raise ValueError(name)


def read_object(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode("utf-8")
        value = json.loads(text, parse_constant=refuse_constant, parse_int=read_number)
    except (ValueError, RecursionError):
        raise Refused(NOT_JSON) from None
    if not isinstance(value, dict):
        raise Refused(INVALID, [violation("", "Cette valeur doit être un objet.")])
    return value


def violation(path: str, message: str) -> dict[str, str]:
    return {"propertyPath": path, "message": message}


def text_fault(value: Any, *, required: bool) -> str:
    if value is None:
        return "Cette valeur ne doit pas être vide." if required else ""
    if not isinstance(value, str):
        return "Cette valeur doit être de type string."
    if len(value) > LONGEST:
        return f"Cette chaîne est trop longue. Elle doit avoir au maximum {LONGEST} caractères."
    return ""


def type_fault(value: Any) -> str:
    if value is None:
        return "Cette valeur ne doit pas être vide."
    if not isinstance(value, str):
        return "Cette valeur doit être de type string."
    return "" if value in TYPES else "Cette valeur doit être l'un des choix proposés."


def success_fault(value: Any) -> str:
    if value is None:
        return "Cette valeur ne doit pas être vide."
    return "" if isinstance(value, bool) else "Cette valeur doit être de type bool."


def refuse_faults(faults: dict[str, str]) -> None:
    found = [violation(path, text) for path, text in faults.items() if text]
    if found:
        raise Refused(INVALID, found)


def can_start(slug: str) -> tuple[Any, dict[str, str]]:
    if slug not in CRONS:
        raise Refused(NO_CRON)
    cron = CRONS[slug]
    return {"canStart": cron["active"], "id": cron["id"], "slug": slug}, NO_STORE


def start(number: str) -> tuple[Any, dict[str, str]]:
    cron = find_cron(number)
    if not cron["active"]:
        raise Refused(PAUSED)
    id_ = next(next_execution)
    executions[id_] = {"id": id_, "ended": False, "messages": []}
    return {"id": id_}, NO_STORE


def end(number: str, body: bytes) -> tuple[Any, dict[str, str]]:
    value = read_object(body)
    refuse_faults(
        {
            "message": text_fault(value.get("message"), required=False),
            "type": type_fault(value.get("type")),
            "success": success_fault(value.get("success")),
            "exitCode": exit_code_fault(value.get("exitCode")),
        }
    )
    execution = find_execution(number)
    if execution["ended"]:
        raise Refused(ENDED)
    execution["ended"] = True
    return {"id": execution["id"]}, {}


def add_message(number: str, body: bytes) -> tuple[Any, dict[str, str]]:
    value = read_object(body)
    refuse_faults(
        {
            "message": text_fault(value.get("message"), required=True),
            "type": type_fault(value.get("type")),
        }
    )
    execution = find_execution(number)
    message = {"id": next(next_message), "text": value["message"]}
    execution["messages"].append(message)
    return {"id": message["id"]}, {}


def seconds_fault(value: Any) -> str:
    if value is None:
        return "Cette valeur ne doit pas être vide."
    return integer_fault(value, 5, 86_400)


def integer_fault(value: Any, least: int, most: int) -> str:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return (
        "" if is_whole and least <= value <= most else "Cette valeur doit être un entier valable."
    )


def exit_code_fault(value: Any) -> str:
    return "" if value is None else integer_fault(value, -(2**31), 2**31 - 1)


def renew_lease(number: str, body: bytes) -> tuple[Any, dict[str, str]]:
    value = read_object(body)
    refuse_faults({"seconds": seconds_fault(value.get("seconds"))})
    if find_execution(number)["ended"]:
        raise Refused(told=ENDED)
    return {"id": int(number)}, {}


WRITES = {"end": end, "message": add_message, "lease": renew_lease}


def route(method: str, path: str, headers: dict[str, str]) -> tuple[str, str]:
    found = re.fullmatch(r"/api/([^/]+)/(can-start|start|end|message|lease)", path)
    if found is None:
        raise Refused(NO_PATH)
    name = found[2]
    allowed = "GET" if name in ("can-start", "start") else "POST"
    if method != allowed and not (name == "can-start" and method == "HEAD"):
        raise Refused(NO_METHOD, allow="GET, HEAD" if name == "can-start" else allowed)
    if headers.get("x-api-key") != KEY:
        raise Refused(NO_KEY)
    if headers.get("content-encoding"):
        raise Refused(NO_ENCODING)
    return name, found[1]


async def read_body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"") if len(body) <= LIMIT else b""
        more = message.get("more_body", False)
    if len(body) > LIMIT:
        raise Refused(TOO_LARGE)
    return body


async def answer(scope: Any, receive: Any) -> tuple[Any, dict[str, str]]:
    headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
    if "\ufffd" in scope["path"]:
        raise Refused(NO_PATH)
    name, part = route(scope["method"], scope["path"], headers)
    if name == "can-start":
        return can_start(part)
    if name == "start":
        return start(part)
    refuse_no_number(part)
    body = await read_body(receive)
    return WRITES[name](part, body)


async def application(scope: Any, receive: Any, send: Any) -> None:
    status = 200
    try:
        body, headers = await answer(scope, receive)
    except Refused as refused:
        status, body, headers = refused.status, refused.body, refused.headers
    text = json.dumps(body, ensure_ascii=False).encode("utf-8")
    told = {"content-type": "application/json", "content-length": str(len(text)), **headers}
    pairs = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else text})


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(application, log_level="critical", lifespan="off", http="h11")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
