"""Connexion is whole, though a start leaves out what its other users need."""

from __future__ import annotations

import subprocess
import sys

LEFT_OUT = {"requests.sessions", "urllib3", "rich.text", "pygments.lexer"}

USE = """
import sys
from tallystick.contract.connexion_import import import_connexion

import_connexion()
print(*sorted(sys.modules))

import connexion, httpx, requests
import rich.console
from connexion import json_schema

assert json_schema.requests.get is requests.get
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
