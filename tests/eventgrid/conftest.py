"""The vendor's SDK as its users have it, except for endpoint and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkeg import v1

from eventgrid_hook import Hook
from eventgrid_world import EventgridWorld
from server_process import ServerProcess
from stored import Stored

Connect: TypeAlias = Callable[..., Any]

PROJECT = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="session")
def connect(server: ServerProcess) -> Connect:
    """Return a maker of clients: `connect(sk="wrong")`."""

    def connect(
        ak: str = "DEVAK", sk: str = "DEVSK", project: str = PROJECT, url: str = server.url
    ) -> Any:
        credentials = BasicCredentials(ak, sk, project)
        builder = v1.EgClient.new_builder().with_credentials(credentials)
        return builder.with_endpoints([url]).build()

    return connect


@pytest.fixture(scope="session")
def sdk(connect: Connect) -> Any:
    """Return the client of the dev world's project."""
    return connect()


@pytest.fixture
def channel(sdk: Any) -> Iterator[Any]:
    """Return a test's own channel; the test removes its content."""
    body = v1.ChannelCreateReq(name=f"channel-{uuid4()}")
    made = sdk.create_channel(v1.CreateChannelRequest(body=body))
    yield made
    sdk.delete_channel(v1.DeleteChannelRequest(channel_id=made.id))


@pytest.fixture
def source(sdk: Any, channel: Any) -> Iterator[Any]:
    """Return a source in that channel."""
    body = v1.CustomizeSourceCreateReq(name=f"source-{uuid4()}", channel_id=channel.id)
    made = sdk.create_event_source(v1.CreateEventSourceRequest(body=body))
    yield made
    sdk.delete_event_source(v1.DeleteEventSourceRequest(source_id=made.id))


@pytest.fixture
def stored() -> Iterator[Stored]:
    """Return a database in memory without any row of an API."""
    with Stored.opened() as made:
        yield made


@pytest.fixture
def hook() -> Iterator[Hook]:
    """Return an endpoint that answers 204."""
    made = Hook()
    yield made
    made.close()


@pytest.fixture
def world() -> Iterator[EventgridWorld]:
    """Return a service in memory, with the source `shop`."""
    with EventgridWorld() as made:
        yield made
