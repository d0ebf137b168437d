"""A program of each operation in each language; the builds of the clients compile them all."""

from __future__ import annotations

from pathlib import Path

from tallystick.clients import list_apis, list_languages, read_document, write_programs
from tallystick.clients.samples import write_first_call
from tallystick.contract.document import read_documents
from tallystick.contract.reader.contracts import read_contracts

CRM = Path(__file__).parents[2] / "examples/crm/crm.yaml"

PYTHON = """\
import os

from event_store_client import EventStore, EventStoreEvent, Server

with EventStore(os.environ["EVENT_STORE_KEY"], server=Server.LOCALHOST) as client:
    answer = client.create_event(
        EventStoreEvent.model_validate({
            "cl": "EDF",
            "hs": "AWS",
            "ty": "START_EC2",
            "ac": "525060831330",
            "re": "eu-west-3",
            "st": "OK",
            "im": "MINOR",
            "me": "Operation successful",
            "us_application": "MyApp",
        }),
    )
    print(answer)"""

GO = """\
		Im:   eventstore.Ptr(eventstore.Impact("MINOR")),
		Me:   "Operation successful",
		More: map[string]string{"us_application": "MyApp"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+v\\n", answer)
}"""


def test_every_operation_of_an_api_with_clients_has_a_program_in_each_language() -> None:
    for api in list_apis():
        document = read_document(api)
        programs = write_programs(document)
        assert list(programs) == [o["operationId"] for _, _, o in document.operations()]
        assert {tuple(each) for each in programs.values()} == {tuple(list_languages())}


def test_a_program_has_the_values_of_the_contract_s_examples() -> None:
    programs = write_programs(read_document("event_store"))["createEvent"]

    assert programs["python"] == PYTHON
    assert programs["go"].endswith(GO)


def test_a_program_reads_the_key_that_its_operation_takes() -> None:
    programs = write_programs(read_document("charon"))

    assert 'os.environ["CHARON_KEY"]' in programs["canStart"]["python"]
    assert 'os.environ["GATEWAY_KEY"]' in programs["listCrons"]["python"]
    free = write_programs(read_document("eventhos"))["createToken"]
    assert "with Eventhos(server=Server.LOCALHOST) as client:" in free["python"]


def test_the_service_s_own_api_has_no_clients_and_no_programs() -> None:
    (gateway,) = (document for document in read_documents() if document.api == "gateway")

    assert write_programs(gateway) == {}


def test_a_contract_of_one_s_own_has_programs_by_its_own_operation_ids() -> None:
    (found,) = read_contracts([str(CRM)])

    programs = write_programs(found.document)

    assert set(programs) <= {o["operationId"] for _, _, o in found.document.operations()}
    assert 'NewCustomer(name="Ada Lovelace"' in programs["createCustomer"]["python"]


def test_a_first_call_imports_the_package_by_its_name() -> None:
    first = write_first_call(read_document("charon"), "typescript", "@acme/crons")

    assert 'from "@acme/crons";' in first.program
    assert first.key == "CHARON_KEY"
