"""The vendor's SDK, as its user has it: only endpoint and keys are ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkeg import v1

from server_process import ServerProcess
from stored import Stored

Connect: TypeAlias = Callable[..., Any]

PROJECT = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="session")
def connect(server: ServerProcess) -> Connect:
    """Make a client: `connect(sk="wrong")`."""

    def connect(
        ak: str = "DEVAK", sk: str = "DEVSK", project: str = PROJECT, url: str = server.url
    ) -> Any:
        credentials = BasicCredentials(ak, sk, project)
        builder = v1.EgClient.new_builder().with_credentials(credentials)
        return builder.with_endpoints([url]).build()

    return connect


@pytest.fixture(scope="session")
def sdk(connect: Connect) -> Any:
    """The client of the dev world's project."""
    return connect()


@pytest.fixture
def channel(sdk: Any) -> Iterator[Any]:
    """A channel of the test's own; the test takes away what it puts into it."""
    body = v1.ChannelCreateReq(name=f"channel-{uuid4()}")
    made = sdk.create_channel(v1.CreateChannelRequest(body=body))
    yield made
    sdk.delete_channel(v1.DeleteChannelRequest(channel_id=made.id))


@pytest.fixture
def source(sdk: Any, channel: Any) -> Iterator[Any]:
    """A source in that channel."""
    body = v1.CustomizeSourceCreateReq(name=f"source-{uuid4()}", channel_id=channel.id)
    made = sdk.create_event_source(v1.CreateEventSourceRequest(body=body))
    yield made
    sdk.delete_event_source(v1.DeleteEventSourceRequest(source_id=made.id))


@pytest.fixture
def stored() -> Iterator[Stored]:
    """A database in memory without any row of an API's own."""
    with Stored.opened() as made:
        yield made
