"""Connexion is whole, though a start leaves out what its other users need."""

from __future__ import annotations

import subprocess
import sys

LEFT_OUT = {
    "connexion.apps", "httpx", "requests", "urllib3", "rich.text", "starlette.testclient"
}  # fmt: skip

USE = """
import sys
from tallystick.contract.connexion_import import import_connexion

import_connexion()
print(*sorted(sys.modules))

import connexion, httpx, requests
from connexion import json_schema, problem
from connexion import *

assert json_schema.requests.get is requests.get
assert problem(404, "none", "none").status_code == 404
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
