from __future__ import annotations

import json
from typing import Any

import pytest

from tallystick.delivery.destinations.destination_kind import DestinationRefused
from tallystick.delivery.destinations.event_template import (
    FILLED_LIMIT,
    PLACEHOLDERS,
    TooLong,
    check_template,
    fill_template,
    fill_text,
    read_attributes,
)
from tallystick.events import Event

DATA = b'{"cron": {"name": "nightly"}, "tries": [3, 4], "none": null, "text": "a \\"b\\""}'
EVENT = Event("1", "charon", "/charon", "cron.failed", "nightly", 0, DATA, '{"ext": 5}')
ATTRIBUTES = read_attributes(EVENT)


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("no placeholder", "no placeholder"),
        ("{{ type }} of {{source}}", "cron.failed of /charon"),
        ("{{ data.cron.name }}/{{ data.tries.1 }}", "nightly/4"),
        ("{{ data.cron }}", '{"name":"nightly"}'),
        (f"[{{{{ data.tries.{'9' * 5000} }}}}]", "[]"),
        ("[{{ data.nothing.at.all }}{{ data.none }}{{ data.tries.9 }}{{ data.text.x }}]", "[]"),
        ("{{ ext }} {{ time }}", "5 1970-01-01T00:00:00.000Z"),
        ("{ {type} }", "{ {type} }"),
    ],
)
def test_a_placeholder_becomes_a_value_of_the_event(template: str, filled: str) -> None:
    check_template("text", template)
    assert fill_text(template, ATTRIBUTES) == filled


def test_a_body_stays_json_whatever_its_values_have_in_them() -> None:
    template = {
        "text": "said: {{ data.text }}",
        "n": ["{{ data.tries }}", 7],
        "x": "{{ data.none }}",
    }
    check_template("body", template)
    filled = json.loads(fill_template(template, ATTRIBUTES))
    assert filled == {"text": 'said: a "b"', "n": [[3, 4], 7], "x": ""}


def _deep(levels: int) -> Any:
    return [_deep(levels - 1)] if levels else "x"


@pytest.mark.parametrize(
    "template",
    [
        "{{ type",
        "type }}",
        "{{}}",
        "{{ a..b }}",
        "{{ a(b) }}",
        "{{ {{ type }} }}",
        {"a": ["{{ type"]},
        "{{type}}" * (PLACEHOLDERS + 1),
        _deep(21),
        {"a": "x" * FILLED_LIMIT},
    ],
)
def test_a_template_that_can_t_be_filled_is_refused(template: Any) -> None:
    with pytest.raises(DestinationRefused) as refused:
        check_template("body", template)
    assert refused.value.option == "body"


def test_a_body_that_grows_beyond_the_limit_is_not_sent() -> None:
    event = EVENT._replace(data=json.dumps("x" * 100_000).encode())
    with pytest.raises(TooLong):
        fill_template(
            {"a": "{{ data }}", "b": "{{ data }}", "c": "{{ data }}"}, read_attributes(event)
        )


def test_data_that_is_no_json_is_a_text() -> None:
    assert read_attributes(EVENT._replace(data=b"<a/>\xff"))["data"] == "<a/>\ufffd"
