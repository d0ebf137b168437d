"""The addresses of RabbitMQ instances: by the setting, and by calls of the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select, text

from tallystick.encryption import Encryptor, Undecryptable
from tallystick.store import bump_revision
from tallystick.store.tables import rabbitmq_instances

REVISION = "rabbitmq_sources"
"""The counter of changes to sources of this type and to addresses."""


class RabbitmqInstance(NamedTuple):
    """A broker by its name."""

    id: str
    address: str
    """Empty if the key that sealed it is lost."""
    updated: int | None
    """When a call named it, in milliseconds since the epoch; None for one of the setting."""


class RabbitmqInstances:
    """The known instances; an address by a call goes before one of the setting."""

    def __init__(self, setting: Mapping[str, str], encryptor: Encryptor) -> None:
        self._setting = setting
        self._encryptor = encryptor

    def list_instances(self, connection: Connection) -> list[RabbitmqInstance]:
        """Return all known instances by their names."""
        named = {id_: RabbitmqInstance(id_, url, None) for id_, url in self._setting.items()}
        rows = connection.execute(select(rabbitmq_instances))
        by_call = {row.id: RabbitmqInstance(row.id, self._opened(row.address), row.updated)
                   for row in rows}  # fmt: skip
        return [each for _, each in sorted((named | by_call).items())]

    def get_addresses(self, connection: Connection) -> Mapping[str, str]:
        """Return the address of each known instance."""
        return {each.id: each.address for each in self.list_instances(connection)}

    def put_instance(self, connection: Connection, id_: str, address: str, now_ms: int) -> None:
        """Name the address of an instance."""
        row = {"id": id_, "address": self._encryptor.encrypt(address), "updated": now_ms}
        connection.execute(_PUT, row)
        bump_revision(connection, REVISION)

    def count_others(self, connection: Connection, id_: str) -> int:
        """Return the number of instances that calls named, without this one."""
        others = select(func.count()).where(rabbitmq_instances.c.id != id_)
        return connection.scalars(others).one()

    def delete_instance(self, connection: Connection, id_: str) -> bool:
        """Forget an address that a call named; return whether there was one."""
        removed = connection.execute(
            delete(rabbitmq_instances).where(rabbitmq_instances.c.id == id_)
        )
        bump_revision(connection, REVISION)
        return bool(removed.rowcount)

    def _opened(self, sealed: str) -> str:
        try:
            return self._encryptor.decrypt(sealed)
        except Undecryptable:
            return ""


_PUT = text(
    "INSERT INTO rabbitmq_instances (id, address, updated) VALUES (:id, :address, :updated) "
    "ON CONFLICT (id) DO UPDATE SET address = excluded.address, updated = excluded.updated"
)
