"""The compiled contract: from the YAML to answers. It knows no API."""

import sys
from types import ModuleType

# Connexion imports Starlette's test client, requests for contracts at a URL, and httpx its command
# line, which nobody asks for here and which take a third of the time to the first answer. A module
# that is None can't be imported, and httpx does without; Connexion only names the others.
_UNUSED = ("starlette.testclient", "requests", "httpx._main")


def _import_connexion() -> None:
    if "connexion" in sys.modules:
        return
    before = {name: sys.modules.get(name) for name in _UNUSED}
    test_client = ModuleType("starlette.testclient")
    test_client.TestClient = object  # type: ignore[attr-defined]  # it is made here
    sys.modules["starlette.testclient"] = test_client
    sys.modules["requests"] = ModuleType("requests")
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # Python's own way to say no
    import connexion  # noqa: F401

    for name, module in before.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module


_import_connexion()
