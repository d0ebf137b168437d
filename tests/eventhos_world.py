"""The world of eventhos's tests: real parts with a test's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Table, insert, update

from manual_clock import ManualClock
from tallystick.apis.eventhos.received_search import ReceivedEventFilter
from tallystick.apis.eventhos.resource import Paging
from tallystick.apis.eventhos.service import EventhosService
from tallystick.apis.eventhos.tables import clients, events, systems
from tallystick.apis.eventhos.tokens import EventhosTokens, digest
from tallystick.apis.keys import ApiKeys
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.exceptions import Problem
from tallystick.contract.request import Request
from tallystick.delivery import Addresses, Dispatcher, Outbox, Sender
from tallystick.delivery.addresses import LOOPBACK
from tallystick.encryption import Encryptor
from tallystick.events import EventLog
from tallystick.settings import Settings
from tallystick.store import Database, bump_revision

T = TypeVar("T")

KEY = "a key of the tests, of thirty-two bytes or more"
SECRET = "a secret of the tests"
PASSWORD = "a password of the tests"
CLOCK = ManualClock()
SIGNER = EventhosTokens(KEY.encode(), CLOCK)
LONG_LIVE = SIGNER.issue("bomber", "bomber", CLOCK.seconds, None)


def short_live(client: str = "bomber") -> str:
    """Return a token as the service would issue it to a client now."""
    return SIGNER.issue_short_live(client, client)


class World:
    """A runner of services over one database, one after the other and step by step."""

    def __init__(self, file: Path) -> None:
        self._url = f"sqlite:///{file}"
        self._runner = asyncio.Runner()
        self.service: EventhosService
        self.log: EventLog
        self.outbox: Outbox
        self.keys: ApiKeys
        self.database: Database

    def __enter__(self) -> World:
        self._runner.__enter__()
        self.start()
        self.put(clients, id="bomber", identifier="bomber", secret_digest=digest(SECRET), dev=False)
        self.put(systems, identifier="plane", client_id="bomber", system_class="producer", type="")
        self.put(events, identifier="bomb", name="bomb", system_id=1, operation="new")
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._stop())
        self._runner.close()

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        """Run one step to its end."""
        return self._runner.run(step)

    def start(self, **settings: Any) -> None:
        """Create a database and a service that is not open yet."""
        made = Settings(**{"database": self._url, "eventhos_jwt_key": KEY, **settings})
        self.run(self._start(made))

    async def _start(self, settings: Settings) -> None:
        self.database = Database(settings.database)
        self.log = EventLog(self.database, CLOCK, settings.queue)
        self.keys = ApiKeys(self.database, CLOCK, dev=settings.dev)
        self.outbox = Outbox(self.database, CLOCK, Sender(Addresses(LOOPBACK)))
        self.service = EventhosService(
            ServiceContext(
                settings,
                CLOCK,
                self.database,
                self.log,
                self.keys,
                self.outbox,
                Encryptor([KEY]),
            )
        )
        await self.database.open()

    async def _stop(self) -> None:
        await self.service.close()
        await self.keys.close()
        await self.outbox.sender.close()
        await self.database.close()

    def open(self, **settings: Any) -> EventhosService:
        """Return a service that has loaded the current state."""
        if settings:
            self.run(self._stop())
            self.start(**settings)
        self.run(self.keys.open())
        self.run(self.service.open())
        return self.service

    def put(self, table: Table, **row: Any) -> None:
        """Insert a row."""
        row = {"name": "", "description": "", "created": 0, **row}
        row = {name: value for name, value in row.items() if name in table.c}
        self.run(self.database.write(lambda connection: connection.execute(insert(table), row)))

    def change(self, table: Table, **columns: Any) -> None:
        """Change all rows of a table, as another process would."""

        def work(connection: Any) -> None:
            connection.execute(update(table).values(columns))
            bump_revision(connection, "eventhos")

        self.run(self.database.write(work))

    def put_event(self, identifier: str) -> None:
        """Add an event to the system `plane`."""
        self.put(events, identifier=identifier, name=identifier, system_id=1, operation="new")
        self.run(self.service.order_contracts([]))

    def tie(self, event: str, url: str, *, order: int = 0, **call: Any) -> int:
        """Bind an event to a new action by a new contract, and return the contract's id."""
        event_id = self.run(self.service.list_events(Paging(0, 100, "id", False), event, None))
        action = {"system_id": 1, "identifier": "a", "name": "a", "operation": "process"}
        action |= {"url": url, "method": "POST", **call}
        action_id = self.run(self.service.actions.create_resource(action))
        contract = {"actionId": action_id, "identifier": "c", "name": "c", "order": order}
        contract |= {"eventId": event_id["items"][0]["id"], "active": True}
        contract |= {"mailRecipientsOnError": ""}
        made: int = self.run(self.service.contracts.create_resource(contract))
        return made

    def deliver(self, after_seconds: int = 0) -> None:
        """Attempt all deliveries due that many seconds later."""
        CLOCK.seconds += after_seconds
        self.run(self._deliver())

    async def _deliver(self) -> None:
        # Half is the middle of the jitter.
        limits = {"in_flight": 8, "per_endpoint": 8, "random": lambda: 0.5}
        dispatcher = Dispatcher(self.database, CLOCK, self.outbox, **limits)  # type: ignore[arg-type]
        await dispatcher.open()
        await dispatcher.settle()
        await dispatcher.close()

    def runs(self, event: str = "bomb") -> list[Any]:
        """Return each contract's run of the newest event, with its tries."""
        return self.run(self._runs(event))

    async def _runs(self, event: str) -> list[Any]:
        received = self.service.received
        page = await received.list_page(
            Paging(0, 1, "id", True), ReceivedEventFilter(identifier=event)
        )
        found = await received.get_received_event(page["items"][0]["id"])
        return [
            await received.get_execution(run["detailId"]) for run in found["executedEventContracts"]
        ]

    def pass_seconds(self, seconds: float) -> None:
        """Run the service for a number of seconds."""
        self.run(asyncio.sleep(seconds))

    def caller(self, token: str) -> Any:
        """Return the caller of a token."""
        return self.service.credentials["eventhosAccessKey"](token, ())

    def refusal(self, token: str) -> type[Problem] | None:
        """Return the class of the error for a refused token."""
        try:
            self.caller(token)
        except Problem as problem:
            return type(problem)
        return None

    def send(self, event: str, token: str, body: bytes = b"{}") -> Any:
        """Send an event and return the answer."""
        request = Request("POST", "/event/send", b"event-identifier=" + event.encode(), (), body)
        return self.run(self.service.send_event(event, self.caller(token), request))


def log_in(world: World, username: str = "alice", password: str = PASSWORD) -> str:
    """Log a person in and return the token."""
    answer = world.run(world.service.log_in(username, password))
    return str(answer["content"]["jwt_token"])


def manager(world: World, token: str, *scopes: str) -> object:
    """Return the person of a token, authenticated for the scopes."""
    return world.service.credentials["eventhosBearer"](token, scopes)
