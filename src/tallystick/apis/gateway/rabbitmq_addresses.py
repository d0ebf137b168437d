"""The addresses of RabbitMQ instances in the gateway's JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from tallystick.apis.gateway.exceptions import InstancesFull
from tallystick.apis.rabbitmq_instances import RabbitmqInstance, RabbitmqInstances
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Invalid, NotFound, Violation
from tallystick.delivery import AddressRefused
from tallystick.delivery.destinations.rabbitmq.connection import check_broker_address
from tallystick.store import lock_name
from tallystick.store.tables import rabbitmq_instances
from tallystick.times import format_ms

MOST: int = read_api("gateway").schema("GatewayRabbitmqInstances")["x-most"]["instances"]
"""How many instances calls may name: each reader of queues opens all addresses."""


class RabbitmqAddresses:
    """The calls about instances."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._instances = RabbitmqInstances(context.settings.eventgrid_rabbitmq, context.encryptor)

    async def list_instances(self) -> dict[str, Any]:
        """Return all known instances."""
        known = await self._context.database.read(self._instances.list_instances)
        return {"instances": [_shown(each) for each in known]}

    async def put_instance(self, id_: str, address: str) -> dict[str, Any]:
        """Name the address of an instance, and return it; raise `Invalid` or `InstancesFull`."""
        try:
            check_broker_address(self._context.outbox.sender.addresses, address)
        except AddressRefused as error:
            violation = Violation("body", "address", "format", None, str(error), ("address",))
            raise Invalid([violation]) from None
        now_ms = self._context.clock.now_ms()

        def put(connection: Connection) -> None:
            lock_name(connection, rabbitmq_instances.name)
            if self._instances.count_others(connection, id_) >= MOST:
                raise InstancesFull
            self._instances.put_instance(connection, id_, address, now_ms)

        await self._context.database.write(put)
        return _shown(RabbitmqInstance(id_, address, now_ms))

    async def delete_instance(self, id_: str) -> None:
        """Forget an address that a call named; raise `NotFound`."""

        def delete(connection: Connection) -> None:
            if not self._instances.delete_instance(connection, id_):
                raise NotFound("No call named this instance.")

        await self._context.database.write(delete)


def _shown(instance: RabbitmqInstance) -> dict[str, Any]:
    updated = None if instance.updated is None else format_ms(instance.updated)
    return {**instance._asdict(), "updated": updated}
