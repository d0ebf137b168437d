"""Clients of a contract of one's own: examples/crm, built strictly and run against its mock."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from client_programs.in_typescript import TSC
from client_programs.language import run
from tallystick.clients import ClientPackage, generate_packages, read_contract, write_samples
from tallystick.clients.source import shape_document
from tallystick.mock.client import Tallystick
from tallystick.mock.process import MockProcess
from toolchain import need

CRM = Path(__file__).parents[2] / "examples" / "crm" / "crm.yaml"

PYTHON = """\
import sys

from crm_client import ApiError, Code, Crm, CustomerChange, NewCustomer, Note, State

with Crm("any", server=sys.argv[1]) as crm:
    ada = crm.create_customer(NewCustomer(name="Ada", email="ada@example.org"))
    crm.create_note(ada.id, Note(text="Calls back."))
    assert crm.get_customer(ada.id) == ada
    assert [each.id for each in crm.list_customers(limit=1, state=State.LEAD).customers] == [ada.id]
    assert [note.text for note in crm.list_notes(ada.id)] == ["Calls back."]
    assert crm.change_customer(ada.id, CustomerChange(state=State.ACTIVE)).state == State.ACTIVE
    try:
        crm.create_customer(NewCustomer(name="x" * 61))
    except ApiError as error:
        assert error.code == Code.N001
        print(error.message)
    crm.delete_customer(ada.id)
    print(crm.list_customers().total)
    try:
        crm.get_customer(7)  # type: ignore[arg-type]  # the answers of others have ids of numbers
    except ApiError as error:
        print(error.status)
"""

TYPESCRIPT = """\
import { ApiError, Code, Crm, State } from "crm-client";

declare const process: { argv: string[] };

const crm = new Crm("any", { server: process.argv[2] ?? "" });
const ada = await crm.createCustomer({ name: "Ada", email: "ada@example.org" });
const found = await crm.getCustomer(ada.id);
const listed = await crm.listCustomers({ state: State.LEAD });
await crm.createNote(ada.id, { text: "Calls back." });
const notes = await crm.listNotes(ada.id);
console.log(found.name, listed.customers.length, notes[0]?.text);
try {
  await crm.createCustomer({ name: "x".repeat(61) });
} catch (error) {
  console.log(error instanceof ApiError && error.code === Code.N001);
}
await crm.deleteCustomer(ada.id);
"""


SUFFIXES = {"python": "py", "typescript": "ts"}

MERGED = """
openapi: 3.0.3
info: {title: Merged, version: '1'}
security: [{login: []}]
paths:
  /things:
    post:
      operationId: addThing
      requestBody:
        content: {application/json: {schema: &thing {$ref: '#/components/schemas/Thing'}}}
      responses: {'201': {description: It., content: {application/json: {schema: *thing}}}}
  /things/{id}:
    patch:
      operationId: changeThing
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {application/merge-patch+json: {schema: *thing}}}
      responses:
        '404': {description: None., content: {application/problem+json: {schema: {}}}}
        '200': {description: It., content: {application/vnd.thing+json: {schema: *thing}}}
components:
  securitySchemes: {login: {type: http, scheme: basic}}
  schemas:
    Thing:
      type: object
      properties: {id: {type: string}, name: {type: string, minLength: 1, nullable: true}}
"""

MERGING = """\
import sys

from merged_client import ApiError, Merged, Thing

with Merged("YTpi", server=sys.argv[1]) as client:
    added = client.add_thing(Thing(name="one"))
    assert added.id
    print(client.change_thing(added.id, Thing(name="two")).name)
    try:
        client.add_thing(Thing(name=""))
    except ApiError as error:
        print(error.code)
"""

CHOICE = """
openapi: 3.0.3
info: {title: Choice, version: '1'}
paths:
  /state:
    put:
      operationId: putState
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/State'}}}
      responses:
        '204': {description: Put.}
components:
  schemas:
    State: {type: string, enum: [new, used]}
"""

NAMES = """
openapi: 3.0.3
info: {title: Names, version: '1'}
x-codes:
  'N "1"': {status: 400, message: Refused.}
paths:
  /users:
    get:
      operationId: listUsers
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}
components:
  schemas:
    User:
      type: object
      properties:
        userId: {type: string}
        user_id: {type: string}
        '"': {type: string}
"""


def test_members_and_codes_that_no_client_can_have_are_told(tmp_path: Path) -> None:
    contract = tmp_path / "names.yaml"
    contract.write_text(NAMES, encoding="utf-8")

    plain = read_contract(str(contract))

    members = plain.document.components["schemas"]["User"]["properties"]
    assert list(members) == ["userId", "user_id"]
    assert plain.omissions == (
        'the code N "1" has no constant: no program can write it',
        'User has no member ": no program can write its name',
    )


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with a client of the CRM in Python and in TypeScript."""
    need("java")
    folder = tmp_path_factory.mktemp("crm")
    document = read_contract(str(CRM)).document
    packages = [ClientPackage(name, document, folder / name) for name in ("python", "typescript")]
    generate_packages(packages)
    return folder


def samples(folder: Path, language: str) -> list[Path]:
    """Write the sample of each operation of the CRM; return the files."""
    written = write_samples(read_contract(str(CRM)).document)
    assert len(written) == 8
    files = []
    for operation, programs in written.items():
        files.append(folder / f"{operation}.{SUFFIXES[language]}")
        files[-1].write_text(programs[language], encoding="utf-8")
    return files


@pytest.fixture
def mock() -> Iterator[str]:
    """Return the URL of a mock of the CRM."""
    process = MockProcess("--contract", str(CRM))
    yield process.url
    process.stop()


def test_a_client_of_your_own_contract_has_no_changelog_of_ours(crm: Path) -> None:
    assert (crm / "python/LICENSE").exists()
    assert not list(crm.glob("*/CHANGELOG.md"))


def test_the_python_client_creates_reads_and_lists_what_it_created(crm: Path, mock: str) -> None:
    program = crm / "program.py"
    program.write_text(PYTHON, encoding="utf-8")
    strict = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        f"--cache-dir={crm}/cache",
    ]
    package = str(crm / "python")

    run([*strict, "-p", "crm_client"], crm, MYPYPATH=package)
    run([*strict, program, *samples(crm, "python")], crm, MYPYPATH=package)
    said = run([sys.executable, "-W", "error", program, mock], crm, PYTHONPATH=package)

    assert said.splitlines() == ["A name has at most 60 characters", "0", "404"]


def test_the_typescript_client_creates_reads_and_lists_what_it_created(
    crm: Path, mock: str
) -> None:
    need("node", str(TSC))
    client = crm / "typescript"
    (crm / "node_modules").mkdir()
    (crm / "node_modules" / "crm-client").symlink_to(client)
    options = json.loads((client / "tsconfig.json").read_text(encoding="utf-8"))
    node = Path(__file__).parents[1] / "client_programs/harnesses/typescript/node.d.ts"
    files = [crm / "program.ts", *samples(crm, "typescript"), node]
    options["include"] = [str(file) for file in files]
    options["compilerOptions"] |= {"rootDir": ".", "outDir": "dist"}
    (crm / "tsconfig.json").write_text(json.dumps(options), encoding="utf-8")
    (crm / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (crm / "program.ts").write_text(TYPESCRIPT, encoding="utf-8")

    run([TSC, "-p", client], crm)
    run([TSC, "-p", crm], crm)

    assert run(["node", "dist/program.js", mock], crm).splitlines() == ["Ada 1 Calls back.", "true"]


def test_json_has_its_own_media_type_and_a_contract_without_codes_has_errors(
    tmp_path: Path,
) -> None:
    need("java")
    contract = tmp_path / "merged.yaml"
    contract.write_text(MERGED, encoding="utf-8")
    program = tmp_path / "program.py"
    program.write_text(MERGING, encoding="utf-8")
    document = read_contract(str(contract)).document
    generate_packages([ClientPackage("python", document, tmp_path / "client")])

    mock = MockProcess("--contract", str(contract))
    try:
        path = str(tmp_path / "client")
        said = run([sys.executable, "-W", "error", program, mock.url], tmp_path, PYTHONPATH=path)
        asked = [each.headers["accept"] for each in Tallystick(mock.url).requests]
    finally:
        mock.stop()

    assert said.splitlines() == ["two", "400"]
    accepted = "application/vnd.thing+json, application/problem+json"
    assert asked == ["application/json", accepted, "application/json"]
    readme = (tmp_path / "client/README.md").read_text(encoding="utf-8")
    assert "your `user:password` in Base64" in readme
    assert "import ApiError\n" in readme


def test_what_may_be_null_in_an_answer_is_told_beside_what_may_be_absent(tmp_path: Path) -> None:
    contract = tmp_path / "merged.yaml"
    contract.write_text(MERGED, encoding="utf-8")

    shaped = shape_document(read_contract(str(contract)).document)

    members = shaped["components"]["schemas"]["Thing"]["properties"]
    assert {name: each["x-can-be-null"] for name, each in members.items()} == {
        "id": False,
        "name": True,
    }


def test_a_member_with_the_name_of_a_reference_is_a_member(tmp_path: Path) -> None:
    file = tmp_path / "names.yaml"
    member = "$ref: {type: string, example: 'Users'}"
    text = NAMES.replace("userId: {type: string}", member)
    file.write_text(text.replace("    User:\n", "    User:\n      example: {$ref: Users}\n"))

    document = read_contract(str(file)).document

    schemas = shape_document(document)["components"]["schemas"]
    assert "$ref" in schemas["User"]["properties"]
    assert "listUsers" in write_samples(document)


def test_a_choice_as_a_body_is_a_text_in_client_and_sample(tmp_path: Path) -> None:
    file = tmp_path / "choice.yaml"
    file.write_text(CHOICE)

    document = read_contract(str(file)).document

    body = document.content["paths"]["/state"]["put"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"type": "string"}
    assert 'client.put_state(&"new".into())' in write_samples(document)["putState"]["rust"]
