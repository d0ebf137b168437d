"""Common parts of the tests with the vendor's SDK."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

REQUEST_ID = r"[0-9a-f]{32}-\d{13}-.+"


def refused(call: Callable[[], Any]) -> tuple[int, str, str]:
    """Return the status, code and message of a call's error."""
    with pytest.raises(ClientRequestException) as raised:
        call()
    error = raised.value
    assert re.fullmatch(REQUEST_ID, error.request_id)
    return error.status_code, error.error_code, error.error_msg
