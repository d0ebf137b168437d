"""People and clients of eventhos have roles, whose permissions say what people may do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

APPLICATION = "eventhos_api"
RESOURCES = (
    "OAUTH2_global", "OAUTH2_user", "OAUTH2_client", "OAUTH2_application", "OAUTH2_role",
    "OAUTH2_permission", "contract", "action", "event", "system",
)  # fmt: skip
ALLOWED = ("*", "create", "update", "delete", "select")

_TABLES = (
    "subject_roles", "role_permissions", "roles", "permissions", "resources", "applications",
    "subjects",
)  # fmt: skip


def upgrade() -> None:
    """Create the tables with the vendor's resources and the role admin; give it to admins."""
    _create_tables()
    op.add_column("eventhos_clients", sa.Column("subject_id", sa.Integer))
    op.add_column("eventhos_clients", sa.Column("sealed_secret", sa.Text))
    op.add_column("eventhos_people", sa.Column("subject_id", sa.Integer))
    op.add_column("eventhos_people", sa.Column("name", sa.Text, nullable=False, server_default=""))
    op.add_column(
        "eventhos_people", sa.Column("description", sa.Text, nullable=False, server_default="")
    )
    connection = op.get_bind()
    _insert_role_admin(connection)
    for table in ("eventhos_clients", "eventhos_people"):
        _add_subjects(connection, table)
    connection.execute(sa.text("UPDATE eventhos_people SET name = username"))
    connection.execute(
        sa.text(
            "INSERT INTO eventhos_subject_roles (subject_id, role_id) "
            "SELECT p.subject_id, r.id FROM eventhos_people p JOIN keys k ON k.id = p.id, "
            "eventhos_roles r WHERE k.scopes = '*' AND r.identifier = 'admin'"
        )
    )


def downgrade() -> None:
    """Drop the tables and columns."""
    for name in ("description", "name", "subject_id"):
        op.drop_column("eventhos_people", name)
    for name in ("sealed_secret", "subject_id"):
        op.drop_column("eventhos_clients", name)
    for table in _TABLES:
        op.drop_table(f"eventhos_{table}")


def _create_tables() -> None:
    op.create_table(
        "eventhos_subjects",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("created", sa.BigInteger, nullable=False),
    )
    for name, parent in (
        ("applications", None),
        ("resources", "application"),
        ("permissions", "resource"),
        ("roles", None),
    ):
        _create_table(name, parent)
    op.create_table(
        "eventhos_role_permissions",
        sa.Column("role_id", sa.Integer, sa.ForeignKey("eventhos_roles.id"), primary_key=True),
        sa.Column(
            "permission_id", sa.Integer, sa.ForeignKey("eventhos_permissions.id"), primary_key=True
        ),
    )
    op.create_table(
        "eventhos_subject_roles",
        sa.Column(
            "subject_id", sa.Integer, sa.ForeignKey("eventhos_subjects.id"), primary_key=True
        ),
        sa.Column("role_id", sa.Integer, sa.ForeignKey("eventhos_roles.id"), primary_key=True),
    )


def _create_table(name: str, parent: str | None) -> None:
    key = f"eventhos_{parent}s.id"
    owner = (
        [sa.Column(f"{parent}_id", sa.Integer, sa.ForeignKey(key), nullable=False)]
        if parent
        else []
    )
    op.create_table(
        f"eventhos_{name}",
        sa.Column("id", sa.Integer, primary_key=True),
        *owner,
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("deleted", sa.BigInteger),
    )


def _insert_role_admin(connection: sa.Connection) -> None:
    application = _insert(connection, "applications", identifier=APPLICATION)
    role = _insert(connection, "roles", identifier="admin")
    for identifier in RESOURCES:
        resource = _insert(
            connection, "resources", identifier=identifier, application_id=application
        )
        for allowed in ALLOWED[:1] if identifier == RESOURCES[0] else ALLOWED:
            permission = _insert(
                connection, "permissions", identifier=allowed, resource_id=resource
            )
            if identifier == RESOURCES[0]:
                connection.execute(
                    sa.text("INSERT INTO eventhos_role_permissions VALUES (:role, :permission)"),
                    {"role": role, "permission": permission},
                )


def _insert(connection: sa.Connection, table: str, **columns: object) -> int:
    names = ["created", *columns]
    table_ = sa.table(f"eventhos_{table}", sa.column("id"), *map(sa.column, names))
    made = connection.execute(sa.insert(table_).values(created=0, **columns).returning(table_.c.id))
    return int(made.scalar_one())


def _add_subjects(connection: sa.Connection, table: str) -> None:
    rows = connection.execute(
        sa.text(f"SELECT id, created FROM {table} ORDER BY created, id")
    )  # the name is ours
    for id_, created in rows.all():
        subject = _insert(connection, "subjects")
        connection.execute(
            sa.text("UPDATE eventhos_subjects SET created = :created WHERE id = :id"),
            {"created": created, "id": subject},
        )
        connection.execute(
            sa.text(f"UPDATE {table} SET subject_id = :subject WHERE id = :id"),  # likewise
            {"subject": subject, "id": id_},
        )
