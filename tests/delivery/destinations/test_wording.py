from __future__ import annotations

import json
from typing import Any

from tallystick.delivery.destinations.event_template import read_attributes
from tallystick.delivery.destinations.wording import (
    TEXT_LIMIT,
    TITLE_LIMIT,
    VALUES,
    Message,
    write_message,
)
from tallystick.events import Event


def message(data: Any, options: Any = None, subject: str = "nightly") -> Message:
    content = json.dumps(data).encode()
    event = Event("1", "charon", "/charon", "cron.failed", subject, 0, content, "{}")
    return write_message(read_attributes(event), options or {})


def test_a_message_says_what_happened_where_and_when() -> None:
    assert message({"message": "it exited with 2", "run": {"code": 2, "tries": [1]}}) == (
        "cron.failed: nightly",
        "it exited with 2\n\nsource: /charon\nsubject: nightly\ntime: 1970-01-01T00:00:00.000Z\n"
        "run.code: 2\nrun.tries: [1]",
    )


def test_a_template_takes_the_place_of_the_words() -> None:
    options = {"title": "{{ type }}!", "text": "code {{ data.code }}"}
    assert message({"code": 2}, options) == ("cron.failed!", "code 2")


def test_secrets_are_masked_by_their_names() -> None:
    data: dict[str, Any] = {"password": "hunter2", "url": "https://a.example/?token=hunter2"}
    data["auth"] = {"x": "hunter2"}
    assert "hunter2" not in message(data).text
    by_template = message({"password": "hunter2"}, {"text": "{{ data }}?token={{ data.password }}"})
    assert by_template.text == '{"password":"***"}?token=***'


def test_a_message_is_bounded() -> None:
    title, text = message({f"n{n}": "x" * 10_000 for n in range(100)}, subject="y" * 1_000)
    assert len(title) == TITLE_LIMIT
    assert len(text) <= TEXT_LIMIT
    assert message({f"n{n}": 1 for n in range(100)}).text.count("\nn") == VALUES


def test_a_title_is_one_line() -> None:
    assert message({}, subject="a\r\nBcc: b\0").title == "cron.failed: a Bcc: b\ufffd"
