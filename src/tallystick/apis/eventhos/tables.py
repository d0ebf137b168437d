"""The tables of eventhos; times are in milliseconds since the epoch, or null."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from tallystick.store.tables import SEALED, metadata

subjects = Table(
    "eventhos_subjects",
    metadata,
    # A number of a client or a person, which the vendor's calls name them by.
    Column("id", Integer, primary_key=True),
    Column("created", BigInteger, nullable=False),
)

clients = Table(
    "eventhos_clients",
    metadata,
    Column("id", Text, primary_key=True),
    Column("identifier", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("secret_digest", Text, nullable=False),
    Column("sealed_secret", Text, info=SEALED),  # null if it was made without a key for secrets
    Column("token_digest", Text),  # of the long-live token, if the client holds one
    Column("dev", Boolean, nullable=False),  # its secret is public: valid with --dev only
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger),
    Column("deleted", BigInteger),
    Column("subject_id", Integer),
)

people = Table(
    "eventhos_people",
    metadata,
    # The id of the person's key: revoking the key locks the person out.
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_digest", Text, nullable=False),
    Column("dev", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("subject_id", Integer),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
)


def _named(name: str, *owner: Column[int]) -> Table:
    return Table(
        f"eventhos_{name}",
        metadata,
        Column("id", Integer, primary_key=True),
        *owner,
        Column("identifier", Text, nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("deleted", BigInteger),
    )


applications = _named("applications")
resources = _named(
    "resources",
    Column("application_id", Integer, ForeignKey("eventhos_applications.id"), nullable=False),
)
permissions = _named(  # their `identifier` is what is allowed: `select`, or `*` for all
    "permissions",
    Column("resource_id", Integer, ForeignKey("eventhos_resources.id"), nullable=False),
)
roles = _named("roles")

role_permissions = Table(
    "eventhos_role_permissions",
    metadata,
    Column("role_id", Integer, ForeignKey("eventhos_roles.id"), primary_key=True),
    Column("permission_id", Integer, ForeignKey("eventhos_permissions.id"), primary_key=True),
)

subject_roles = Table(
    "eventhos_subject_roles",
    metadata,
    Column("subject_id", Integer, ForeignKey("eventhos_subjects.id"), primary_key=True),
    Column("role_id", Integer, ForeignKey("eventhos_roles.id"), primary_key=True),
)

systems = Table(
    "eventhos_systems",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client_id", Text, ForeignKey("eventhos_clients.id")),
    Column("system_class", Text, nullable=False),
    Column("identifier", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("deleted", BigInteger),
)

events = Table(
    "eventhos_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("system_id", Integer, ForeignKey("eventhos_systems.id"), nullable=False),
    Column("identifier", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("deleted", BigInteger),
)

actions = Table(
    "eventhos_actions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("system_id", Integer, ForeignKey("eventhos_systems.id"), nullable=False),
    Column("identifier", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("endpoint", Text, nullable=False),  # by which deliveries are isolated
    Column("call", Text, nullable=False, info=SEALED),  # JSON text with secrets
    Column("created", BigInteger, nullable=False),
    Column("deleted", BigInteger),
)

contracts = Table(
    "eventhos_contracts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", Integer, ForeignKey("eventhos_events.id"), nullable=False),
    Column("action_id", Integer),  # null in the dev world of the first version only
    Column("identifier", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),  # the API's `order`, a word of SQL
    Column("active", Boolean, nullable=False),
    Column("mail_recipients_on_error", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("deleted", BigInteger),
)

signing_keys = Table(
    "eventhos_signing_keys",
    metadata,
    Column("id", Integer, primary_key=True),  # one row, 1
    Column("key", LargeBinary, nullable=False),  # unencrypted; empty once it is sealed
    Column("sealed_key", Text, nullable=False, info=SEALED),  # hexadecimal; empty until then
)
