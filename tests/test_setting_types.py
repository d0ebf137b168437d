"""What a setting takes is what the contract says of the same thing."""

from __future__ import annotations

from typing import Any

from tallystick.contract.document import read_api
from tallystick.setting_types import KAFKA, KAFKA_SERVER, MAIL_ADDRESS

COMPARED = ("type", "enum", "minItems", "maxItems", "minLength", "maxLength")
OF_A_MESSAGE = {"kind", "topic", "key", "mode"}


def test_a_kafka_of_the_settings_has_the_members_of_the_destination() -> None:
    declared = read_api("gateway").schema("GatewayKafka")["properties"]
    taken: dict[str, dict[str, Any]] = KAFKA["properties"]  # type: ignore[assignment]
    assert taken.keys() == declared.keys() - OF_A_MESSAGE
    for name, schema in taken.items():
        for keyword in COMPARED:
            if keyword != "type" or "type" in schema:
                assert schema.get(keyword) == declared[name].get(keyword), name


def test_a_server_of_kafka_has_the_form_of_the_destination_s() -> None:
    declared = read_api("gateway").schema("GatewayKafkaServer")
    assert declared["pattern"] == KAFKA_SERVER.pattern


def test_the_address_of_a_mail_has_the_form_of_eventhos() -> None:
    address, declared = MAIL_ADDRESS.pattern, read_api("eventhos").schema("EventhosMailRecipients")
    assert declared["pattern"] == f"^(?:{address}(?: *, *{address})*)?$"
