"""A process serves all five APIs, or one's own contracts with the gateway's calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.contract.document import ContractError, parse_yaml
from tallystick.served_documents import served_documents
from tallystick.settings import Settings


def contract(folder: Path, name: str, *paths: str, server: str = "") -> str:
    """Write a contract with a GET at each path, and return its file."""
    operation = "{get: {responses: {'200': {description: It.}}}}"
    servers = f"servers: [{{url: '{server}'}}]\n" if server else ""
    items = "".join(f"  '{path}': {operation}\n" for path in paths)
    file = folder / f"{name}.yaml"
    file.write_text(
        f"openapi: 3.0.3\ninfo: {{title: {name}, version: '1'}}\n{servers}paths:\n{items}"
    )
    return str(file)


def served(*contracts: str, **settings: object) -> dict[str, list[str]]:
    wanted = Settings(contracts=contracts, **settings)  # type: ignore[arg-type]  # any settings
    documents = served_documents(wanted).documents
    # Readers get the text.
    for document in documents:
        if not document.is_foreign:
            assert parse_yaml(document.text)["paths"].keys() == document.content["paths"].keys()
    return {d.api: list(d.content["paths"]) for d in documents}


def test_without_a_contract_of_ones_own_the_five_are_served() -> None:
    assert len(served()) == 6


def test_a_contract_of_ones_own_is_served_beside_the_gateway_alone(tmp_path: Path) -> None:
    assert served(contract(tmp_path, "crm", "/customers")).keys() == {"gateway", "crm"}


def test_an_api_of_the_five_is_served_beside_it_where_it_is_named(tmp_path: Path) -> None:
    crm = contract(tmp_path, "crm", "/customers")
    assert served(crm, apis=("charon",)).keys() == {"gateway", "charon", "crm"}
    with pytest.raises(ContractError, match="there is no API sharon: it is one of charon"):
        served(crm, apis=("sharon",))


def test_two_contracts_with_one_path_are_refused_with_both_places(tmp_path: Path) -> None:
    crm = contract(tmp_path, "crm", "/customers/{id}")
    shop = contract(tmp_path, "shop", "/customers/{number}")
    with pytest.raises(
        ContractError, match=r"of shop \(.*shop.yaml:\d+\) is .* of crm \(.*crm.yaml:\d+\)"
    ):
        served(crm, shop)


def test_the_path_of_a_server_collides_too(tmp_path: Path) -> None:
    crm = contract(tmp_path, "crm", "/v2/customers")
    shop = contract(tmp_path, "shop", "/customers", server="https://shop.example/v2")
    with pytest.raises(ContractError, match=r"/v2/customers of shop .* is /v2/customers of crm"):
        served(crm, shop)


def test_a_page_of_the_gateway_gives_way_to_a_contract(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = served(contract(tmp_path, "crm", "/", "/healthz"))
    assert {"/", "/healthz"} & set(found["gateway"]) == set()
    assert "/healthz is answered by crm" in caplog.text


def test_a_call_of_the_gateway_can_be_moved_out_of_the_way(tmp_path: Path) -> None:
    crm = contract(tmp_path, "crm", "/gateway/v1/events")
    with pytest.raises(ContractError, match="--gateway-prefix"):
        served(crm)
    found = served(crm, gateway_prefix="/control")
    assert "/control/events" in found["gateway"]


def test_the_calls_of_the_service_in_other_documents_move_with_the_gateway_s(
    tmp_path: Path,
) -> None:
    crm = contract(tmp_path, "crm", "/gateway/v1/crons")
    found = served(crm, apis=("charon",), gateway_prefix="/control")
    assert "/control/crons" in found["charon"]
    assert not any(path.startswith("/gateway/v1") for path in found["gateway"] + found["charon"])


def test_faults_of_a_contract_that_is_served_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = Path(contract(tmp_path, "crm", "/customers", "/broken"))
    file.write_text(
        file.read_text().replace(
            "'/broken': {get: {", "'/broken': {get: {parameters: [{$ref: '#/none'}], "
        )
    )
    assert served(str(file))["crm"] == ["/customers"]
    assert "crm.yaml:5" in caplog.text


def test_a_credential_of_an_unknown_scheme_is_refused_with_those_that_are(tmp_path: Path) -> None:
    crm = contract(tmp_path, "crm", "/customers")
    with pytest.raises(ContractError, match="no contract has a security scheme key: there is none"):
        served(crm, contract_keys=("key=secret",))
    file = Path(crm)
    scheme = "{type: apiKey, in: header, name: X-Key}"
    file.write_text(f"{file.read_text()}components: {{securitySchemes: {{apiKey: {scheme}}}}}\n")
    for name in ("apiKey", "crm.apiKey"):
        assert "crm" in served(crm, contract_keys=(f"{name}=secret",))
    with pytest.raises(ContractError, match="scheme key: there is apiKey"):
        served(crm, contract_keys=("key=secret",))
