"""Serve every OpenAPI document of a folder, and judge what it answers: ``make corpus DIR=…``.

``python -m benchmarks.corpus DIR --out PAGE`` starts the mock with each document in a process of
its own, sends one valid request of each operation, and judges each answer by the document. The
peers that are installed serve the same documents, and get the same requests.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import re
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import unquote

from asgi_reply import AsgiReply
from benchmarks.corpus_page import DocumentResult, write_page
from benchmarks.corpus_peers import judge_peers
from benchmarks.document_calls import DocumentCalls
from tallystick.contract.document import METHODS, ContractError, Document
from tallystick.contract.reader.contracts import ReadContract, read_contracts
from tallystick.contract.reader.faults import ContractFault, Severity
from tallystick.contract.reader.positions import parse_text
from tallystick.contract.sample_request import SampleRequest
from tallystick.mock.mock import Mock
from tallystick.mock.settings import ALWAYS, MockSettings
from tallystick.mock.upstream import UpstreamReply
from tallystick.runtime import ServerRuntime

TIMEOUT_S = 1800
"""How long one document may take."""

PAGES = ("/docs", "/openapi.yaml")
_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_OPENAPI = re.compile(rb"""^[\s{]*["']?(openapi|swagger)["']?\s*:""", re.MULTILINE)
_HEAD = 200_000


def list_documents(folder: Path) -> list[Path]:
    """Return the OpenAPI documents in a folder and in the folders right in it."""
    found = [*folder.glob("*"), *folder.glob("*/*")]
    files = (each for each in found if each.suffix in _SUFFIXES and each.is_file())
    return sorted(each for each in files if _OPENAPI.search(each.read_bytes()[:_HEAD]))


def judge_document(file: Path, *, with_peers: bool = False) -> DocumentResult:
    """Serve one document in this process, and by the peers; return what came of it."""
    name = f"{file.parent.name}/{file.stem}"
    try:
        [contract, *_] = read_contracts([str(file)])
    except ContractError as error:
        faults = getattr(error, "faults", ())
        return DocumentResult(name, reasons=_reasons(faults), failures=[str(error)[:300]])
    result = asyncio.run(_DocumentRun(name, file, contract).run())
    result.peers = judge_peers(file, contract.document) if with_peers else {}
    return result


def _reasons(faults: Sequence[ContractFault]) -> dict[str, int]:
    return dict(Counter(f.rule for f in faults if f.severity is Severity.ERROR))


class _DocumentRun:
    """One document, served in this process."""

    def __init__(self, name: str, file: Path, contract: ReadContract) -> None:
        self._file = file
        self._document = contract.document
        info = contract.document.content["info"]
        self._result = DocumentResult(
            name,
            info["title"],
            info["version"],
            contract.document.content["openapi"],
            _count_operations(file, contract.document),
            sum(1 for _ in contract.document.operations()),
            reasons=_reasons(contract.faults),
        )

    async def run(self) -> DocumentResult:
        """Call every operation, and return the result."""
        given: Any = {**ALWAYS, "access_log": False, "contracts": (str(self._file),), "seed": 1}
        started = perf_counter()
        settings = MockSettings(**given)
        runtime = ServerRuntime(settings, Mock(settings))
        async with runtime.opened():
            self._result.start_s = perf_counter() - started
            self._result.start_mb = _peak_mb()
            await self._call_operations(runtime)
            for path in (*PAGES, f"/docs/{self._document.api}"):
                await self._read_page(runtime, path)
        return self._result

    async def _call_operations(self, runtime: ServerRuntime) -> None:
        called = await DocumentCalls(self._document, partial(send, runtime)).call_all()
        for name, value in asdict(called).items():
            setattr(self._result, name, value)

    async def _read_page(self, runtime: ServerRuntime, path: str) -> None:
        began = perf_counter()
        try:
            reply = await send(runtime, SampleRequest("GET", path, "", {}, b""))
            fault = "" if reply.status == 200 else str(reply.status)
        except Exception as error:  # any is a finding, and is told
            fault = repr(error)
        took = perf_counter() - began
        self._result.pages_s = max(self._result.pages_s, took)
        if fault and path not in self._document.content["paths"]:
            self._result.failures.append(f"GET {path}: {fault[:300]}")


def _count_operations(file: Path, document: Document) -> int:
    """All operations of a document; of a path in a file of its own those that are served."""
    content: Any = parse_text(file.read_bytes())
    paths = content.content.get("paths", {})
    served = document.content["paths"]
    counted = (
        served.get(path, {}) if "$ref" in item else item
        for path, item in paths.items()
        if isinstance(item, dict)
    )
    return sum(len(item.keys() & set(METHODS)) for item in counted)


async def send(runtime: ServerRuntime, request: SampleRequest) -> UpstreamReply:
    """Send a request to what a runtime serves, and return its answer."""
    scope = {
        "type": "http",
        "method": request.method,
        "path": unquote(request.path),
        "raw_path": request.path.encode(),
        "query_string": request.query.encode(),
        "headers": [
            (name.lower().encode(), value.encode("latin-1", "replace"))
            for name, value in request.headers.items()
        ],
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": request.body, "more_body": False}

    reply = AsgiReply()
    await runtime.app(scope, receive, reply)
    return UpstreamReply(reply.status, [*reply.headers.items()], reply.body)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def judge_apart(file: Path) -> DocumentResult:
    """Judge a document in a process of its own, within `TIMEOUT_S`."""
    command = [sys.executable, "-m", "benchmarks.corpus", "--one", str(file)]
    name = f"{file.parent.name}/{file.stem}"
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=True)
    except subprocess.TimeoutExpired:
        return DocumentResult(name, failures=[f"takes more than {TIMEOUT_S} s"])
    except subprocess.CalledProcessError as error:
        return DocumentResult(name, failures=[error.stderr.decode()[-1500:]])
    return DocumentResult.from_json(done.stdout)


def main() -> None:
    """Judge one document, or a folder of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="with OpenAPI documents")
    parser.add_argument("--one", type=Path, help="a document to judge in this process")
    parser.add_argument("--out", type=Path, help="the page to write the table into")
    parser.add_argument("--log", type=Path, help="a file for what failed")
    given = parser.parse_args()
    if given.one:
        logging.disable(logging.WARNING)
        print(judge_document(given.one, with_peers=True).to_json())
        return
    results = []
    for file in list_documents(given.folder):
        result = judge_apart(file)
        results.append(result)
        print(result.summary, flush=True)
        if given.log:
            with given.log.open("a") as log:
                log.write(result.details + "\n")
    if given.out:
        write_page(given.out, results)


if __name__ == "__main__":
    main()
