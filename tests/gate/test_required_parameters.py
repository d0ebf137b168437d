"""Calls tell the newest version and what else their operation requires."""

from __future__ import annotations

from tallystick.contract_tests.vectors import VectorRequest
from tallystick.contract_tests.versions import Versions
from tallystick.contract_tests.wire import WireReply

from gate.mutants import FOLDER
from tallystick.contract.reader.contracts import read_contracts
from tallystick.contract.sample_request import SampleRequests
from tallystick.gate.required_parameters import find_required, key_of_repeats, needs_version


def test_what_each_call_must_have_is_found() -> None:
    [read] = read_contracts([str(FOLDER / "invoices.yaml")], ())
    samples = SampleRequests(read.document)
    found = {
        each[2]["operationId"].rpartition(".")[2]: each[2] for each in read.document.operations()
    }
    made = find_required(read.document, samples, found["createInvoice"])
    assert made.headers == {"X-Tenant": "north", "Idempotency-Key": "@UNIQUE@"}
    assert made.query == "api-version=2026-01-01"
    assert key_of_repeats(read.document, found["createInvoice"]) == "Idempotency-Key"
    assert key_of_repeats(read.document, found["replaceInvoice"]) is None
    changed = find_required(read.document, samples, found["replaceInvoice"])
    assert changed.headers == {"X-Tenant": "north", "If-Match": "*"}
    assert needs_version(read.document, found["deleteInvoice"])
    assert not needs_version(read.document, found["showInvoice"])


def test_a_change_tells_the_newest_version_of_its_path() -> None:
    versions = Versions()
    versions.note(VectorRequest("GET", "/x?a=1"), WireReply(200, (("ETag", '"7"'),), b"{}"))
    told = VectorRequest("PUT", "/x", (("If-Match", "*"), ("X-Y", "*")))
    assert versions.apply(told).headers == (("If-Match", '"7"'), ("X-Y", "*"))
    own = VectorRequest("PUT", "/x", (("If-Match", '"1"'),))
    assert versions.apply(own) == own
    other = VectorRequest("PUT", "/y", (("If-Match", "*"),))
    assert versions.apply(other) == other
