"""The common operations of managed resources: list, create, update and soft delete."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from tallystick import randomness
from tallystick.apis.eventhos.exceptions import BadField, InUse
from tallystick.contract.exceptions import NotFound
from tallystick.storable_text import is_storable
from tallystick.times import format_ms

Body = Mapping[str, Any]

_LETTERS = string.ascii_letters + string.digits
_SUFFIX = 10
_ESCAPED = str.maketrans({mark: f"/{mark}" for mark in "/%_"})


class Paging(NamedTuple):
    """The page of a list, and its order."""

    page: int
    size: int
    sort: str
    descending: bool


class Field(NamedTuple):
    """A member of a resource, and its column."""

    name: str
    column: str
    fixed: bool = False
    """It is set at creation and stays."""
    refers_to: Table | None = None
    default: Any = None
    read: Callable[[Any], Any] | None = None
    """It returns the column's value for the member's."""
    write: Callable[[Any], Any] | None = None
    """It returns the member's value for the column's."""


class Resource:
    """A kind of managed resource."""

    def __init__(
        self,
        table: Table,
        fields: Sequence[Field],
        *,
        used_by: Sequence[Column[Any]] = (),
        shown: Mapping[str, ColumnElement[Any]] = {},
    ) -> None:
        """`used_by` are columns of other tables, whose references prevent a deletion.

        `shown` are members of answers beside the fields: columns and subqueries by name.
        """
        self.table = table
        self._fields = fields
        self._used_by = used_by
        self._shown = shown
        self._labels = {name: f"shown_{name}" for name in shown}

    def list_page(
        self, connection: Connection, paging: Paging, *rules: ColumnElement[bool]
    ) -> Body:
        """Return a page of the resources matching all rules."""
        live = self._live(*rules)
        total = connection.scalar(select(func.count()).select_from(live.subquery())) or 0
        column = self._columns()[paging.sort]
        orders = [c.desc() if paging.descending else c.asc() for c in (column, self.table.c.id)]
        chosen = live.order_by(*orders).limit(paging.size).offset(paging.page * paging.size)
        return to_page([self.to_json(row) for row in connection.execute(chosen)], total, paging)

    def list_all(self, connection: Connection, *rules: ColumnElement[bool]) -> list[Body]:
        """Return the resources matching all rules, the oldest first."""
        chosen = self._live(*rules).order_by(self.table.c.id)
        return [self.to_json(row) for row in connection.execute(chosen)]

    def get_row(self, connection: Connection, id_: Any) -> Any:
        """Return the row with this id; raise `NotFound`."""
        row = connection.execute(self._live(self.table.c.id == id_)).first()
        if row is None:
            raise NotFound
        return row

    def create_row(self, connection: Connection, body: Body, now_ms: int) -> Any:
        """Create a resource and return its id; raise `BadField`."""
        values = self.to_row(connection, body, None)
        values["identifier"] = with_suffix(body["identifier"])
        made = connection.execute(insert(self.table).values(**values, created=now_ms))
        return made.inserted_primary_key[0]  # type: ignore[index]  # an insert has one

    def update_row(self, connection: Connection, id_: Any, body: Body) -> None:
        """Change the given members; raise `NotFound` or `BadField`."""
        values = self.to_row(connection, body, self.get_row(connection, id_))
        if values:
            connection.execute(update(self.table).where(self.table.c.id == id_).values(values))

    def delete_row(self, connection: Connection, id_: Any, now_ms: int) -> None:
        """Delete an unreferenced resource; raise `NotFound` or `InUse`."""
        self.get_row(connection, id_)
        for column in self._used_by:
            users = exists().where(column == id_, column.table.c.deleted.is_(None))
            if connection.scalar(select(users)):
                raise InUse
        gone = update(self.table).where(self.table.c.id == id_)
        connection.execute(gone.values(deleted=now_ms))

    def to_json(self, row: Any) -> dict[str, Any]:
        """Return the resource as the members of an answer."""
        fields = {field.name: _shown(field, getattr(row, field.column)) for field in self._fields}
        shown = {name: getattr(row, label) for name, label in self._labels.items()}
        return {"id": row.id, **fields, **shown, "created_at": format_ms(row.created)}

    def to_row(self, connection: Connection, body: Body, row: Any) -> dict[str, Any]:
        """Return the columns of a new resource, or of a change to the one in `row`."""
        values = {}
        for field in self._fields:
            if row is None or (not field.fixed and field.name in body):
                values[field.column] = _value(field, body.get(field.name))
            refuse_unstorable(field.name, values.get(field.column))
            _refuse_unknown(connection, field, values.get(field.column))
        return values

    def _live(self, *rules: ColumnElement[bool]) -> Select[Any]:
        shown = [column.label(self._labels[name]) for name, column in self._shown.items()]
        return select(self.table, *shown).where(self.table.c.deleted.is_(None), *rules)

    def _columns(self) -> Mapping[str, ColumnElement[Any]]:
        own = {field.name: self.table.c[field.column] for field in self._fields}
        return {"id": self.table.c.id, **own, **self._shown}


def to_page(items: Sequence[Body], total: int, paging: Paging) -> dict[str, Any]:
    """Return a page of a list as the members of an answer."""
    return {
        "items": items,
        "pageIndex": paging.page,
        "itemsPerPage": paging.size,
        "totalItems": total,
        "totalPages": -(-total // paging.size),
    }


def with_suffix(identifier: str) -> str:
    """Return the identifier with a random suffix, such as ``new-bomb-k736k3hiW7``."""
    return f"{identifier}-{''.join(randomness.choice(_LETTERS) for _ in range(_SUFFIX))}"


def contains_word(word: str, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the rule for the word as a part of a column, in any letter case."""
    return has_part(literal(part_value(word)), *columns)


def has_part(part: ColumnElement[str], *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the rule for a part of a column, in any letter case; its value is a `part_value`."""
    return or_(*(func.lower(column).contains(part, escape="/") for column in columns))


def part_value(word: str) -> str:
    """Return the value of `has_part` for a word."""
    return word.lower().translate(_ESCAPED)


def refuse_unstorable(name: str, value: Any) -> None:
    """Return if the value is no text, or one that every database holds; raise `BadField`."""
    if isinstance(value, str) and not is_storable(value):
        raise BadField(name, "has a character that no text may have")


def _shown(field: Field, kept: Any) -> Any:
    return field.write(kept) if field.write else kept


def _value(field: Field, given: Any) -> Any:
    value = field.read(given) if field.read and given is not None else given
    return field.default if value is None else value


def _refuse_unknown(connection: Connection, field: Field, id_: Any) -> None:
    table = field.refers_to
    if table is None or id_ is None:
        return
    if not connection.scalar(select(exists().where(table.c.id == id_, table.c.deleted.is_(None)))):
        raise BadField(field.name, "is an unknown id")
