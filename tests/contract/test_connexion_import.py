"""Connexion is whole, though a start leaves out what its other users need."""

from __future__ import annotations

import subprocess
import sys

LEFT_OUT = {
    "connexion.apps", "httpx", "jinja2", "requests", "urllib3", "rich.text", "starlette.testclient",
    "werkzeug.test",
}  # fmt: skip

USE = """
import sys
from tallystick.contract.connexion_import import import_connexion

import_connexion()
print(*sorted(sys.modules))

import connexion, httpx, jinja2, requests, starlette, werkzeug
from connexion import json_schema, lifecycle, problem
from connexion.middleware import swagger_ui
from starlette.templating import Jinja2Templates
from werkzeug.local import LocalManager
from werkzeug.wsgi import ClosingIterator
from connexion import *

assert json_schema.requests.get is requests.get
assert problem(404, "none", "none").status_code == 404
assert type(swagger_ui.Jinja2Templates(directory=".")) is Jinja2Templates
assert starlette.templating.Jinja2Templates is Jinja2Templates
assert lifecycle.WerkzeugRequest.from_values("/x").path == "/x"
assert werkzeug.Request.__module__ == "werkzeug.wrappers.request"
assert type(LocalManager().make_middleware(lambda *_: [])({}, None)) is ClosingIterator
assert (request, context.operation) == (connexion.request, connexion.context.operation)
assert connexion.AsyncApp("own").test_client().get("/").status_code == 404
sys.argv = ["httpx", "--help"]
httpx.main()
"""


def test_connexion_is_whole_after_an_import_that_leaves_libraries_out() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", USE], capture_output=True, text=True, timeout=60, check=True
    )
    loaded, _, help_text = ran.stdout.partition("\n")
    assert LEFT_OUT & set(loaded.split()) == set()
    assert "--follow-redirects" in help_text
