"""The server under test in one run."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tallystick.contract_tests import contract, credentials, id_mapping
from tallystick.contract_tests.client import RecordingClient
from tallystick.contract_tests.coverage import Coverage
from tallystick.contract_tests.servers import Server
from tallystick.contract_tests.waits import Waits
from tallystick.contract_tests.wire import Silent, Unanswered
from tallystick.gate.configuration import BadConfiguration, Budget, Configuration
from tallystick.gate.outcome import ContractPlace

_TRIES, _PAUSE_S = 3, 1.0
PATIENCE_S = 5.0
"""The seconds to wait for an answer, kept short because many servers under test hang."""
CODE = re.compile(r"[\"'](?:code|error_code)[\"']: [\"']?([\w.]+)")


@dataclass(frozen=True, slots=True)
class TargetServer:
    """A server with its configuration and the answers seen so far."""

    configuration: Configuration
    server: Server
    coverage: Coverage

    @property
    def secrets(self) -> Mapping[str, str]:
        """Return the secrets used by the run, by their environment variables."""
        used = dict(self.server.world.secrets())
        for name, value in self.configuration.known.items():
            if name.endswith(("secret", "password")):
                used[f"TALLYSTICK_KNOWN_{name.upper().replace('.', '_')}"] = value
        return used


def is_down(target: TargetServer) -> bool:
    """Return whether the server neither answers nor comes back within seconds, as after a crash."""
    for _ in range(_TRIES):
        try:
            target.server.client.get("/")
        except (Silent, OSError):
            time.sleep(_PAUSE_S)
        except Unanswered:
            return False
        else:
            return False
    return True


def target_server(configuration: Configuration) -> TargetServer:
    """Return the configured server; raise `BadConfiguration` for an unknown name in it."""
    _refuse_unknown(configuration)
    coverage = Coverage()
    waits = Waits(Budget(configuration.budget).waits_s)
    client = RecordingClient(configuration.url, coverage, PATIENCE_S, waits)
    given = {name.replace(".", "_"): value for name, value in configuration.credentials.items()}
    own = {api: each for api in contract.apis() if (each := _known(configuration, api))}
    server = Server(
        configuration.url, client, credentials.ServerCredentials(client, given=given, known=own)
    )
    return TargetServer(configuration, server, coverage)


def reach(target: TargetServer) -> str | None:
    """Return the reason the server can't be reached, or None if it listens."""
    try:
        target.server.client.get("/")
    except Unanswered:
        return None  # it listens, and what it does instead of answering is its failure
    except OSError as error:
        return f"{target.server.url} can't be reached: {error.strerror or error}"
    return None


def places(
    api: str, method: str, path: str, status: int | None, body: str
) -> Iterator[ContractPlace]:
    """Yield the places of an answer and its error codes in the contract."""
    file = contract.file(api)
    operation = contract.operation(method, path.partition("?")[0])
    if operation and operation.api == api:
        where = ("paths", operation.path, method.lower())
        line = contract.line(api, *where)
        if status is not None:
            line = contract.line(api, *where, "responses", operation.entry_of(status))
        yield ContractPlace("contract", file, line)
    for code in dict.fromkeys(CODE.findall(body)):
        if code in contract.codes(api):
            yield ContractPlace("error code", file, contract.line(api, "x-codes", code))


def _known(configuration: Configuration, api: str) -> id_mapping.IdMapping | None:
    """Return the configured identifiers of an API, or None for those of the dev world."""
    if configuration.loopback and not configuration.has_own_world:
        return None
    ids = configuration.known_of(api, id_mapping.names(api))
    return id_mapping.IdMapping(api, ids, dev=False)


def _refuse_unknown(configuration: Configuration) -> None:
    for name in configuration.apis:
        if name not in contract.apis():
            _refuse("API", name, contract.apis())
    known = [f"{api}.{name}" for api in contract.apis() for name in credentials.names(api)]
    ids = [f"{api}.{name}" for api in contract.apis() for name in id_mapping.names(api)]
    for given, possible, what in (
        (configuration.credentials, known, "credential"),
        (configuration.known, ids, "identifier"),
    ):
        for name in given:
            if name not in possible:
                _refuse(what, name, possible)


def _refuse(what: str, name: str, possible: list[str]) -> None:
    raise BadConfiguration(f"unknown {what} {name}: choose one of {', '.join(possible)}")
