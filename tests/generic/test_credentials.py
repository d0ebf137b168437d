"""The line to paste has what its operation asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_runtime import mocking

pytestmark = pytest.mark.anyio

CONTRACT = """
openapi: 3.1.0
info: {{title: Parcels, version: '1'}}
security: {security}
components:
  securitySchemes: {{key: {scheme}}}
paths:
  /parcels:
    get:
      summary: List parcels
      responses: {{'200': {{description: All parcels.}}}}
"""


@pytest.mark.parametrize(
    ("scheme", "option"),
    [
        ("{type: apiKey, in: header, name: X-Key}", " -H 'X-Key: any'"),
        ("{type: apiKey, in: query, name: key}", " -G -d 'key=any'"),
        ("{type: apiKey, in: cookie, name: key}", " -b 'key=any'"),
        ("{type: http, scheme: basic}", " -u 'any:any'"),
        ("{type: http, scheme: bearer}", " -H 'Authorization: Bearer any'"),
        ("{type: openIdConnect, openIdConnectUrl: 'https://x'}", " -H 'Authorization: Bearer any'"),
    ],
)
async def test_a_sample_sends_the_credential(tmp_path: Path, scheme: str, option: str) -> None:
    contract = CONTRACT.format(security="[{key: []}]", scheme=scheme)
    async with mocking(tmp_path, contract) as caller:
        samples = caller.runtime.services["crm"].samples("http://x")

    assert samples == [("List parcels", f"curl{option} http://x/parcels")]


async def test_a_sample_keeps_a_given_key_to_itself(tmp_path: Path) -> None:
    scheme = "{type: apiKey, in: header, name: X-Key}"
    contract = CONTRACT.format(security="[{key: []}]", scheme=scheme)
    async with mocking(tmp_path, contract, contract_keys=("key=secret",)) as caller:
        samples = caller.runtime.services["crm"].samples("http://x")

    assert samples == [("List parcels", "curl -H 'X-Key: KEY' http://x/parcels")]
