"""The row that a transaction locks first, so that two changes of one thing never interleave.

On SQLite the single writer does it, and `FOR UPDATE` is left out of the statement.
"""

from sqlalchemy import Connection, func, select

from openrooms.storage.schema import call, identity, room

# Names of PostgreSQL's own locks for what has no row; they are kept for each database apart.
BEGINNING = 0x4F52_0001


def lock_beginning(connection: Connection) -> None:
    """Hold what is made once for ever (schema, first keys) until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(BEGINNING)))


def lock_room(connection: Connection, room_id: int) -> None:
    """Hold the room until the transaction ends."""
    connection.execute(select(room.c.id).where(room.c.id == room_id).with_for_update())


def lock_call(connection: Connection, call_id: str) -> None:
    """Hold the call until the transaction ends; for group and direct calls."""
    connection.execute(select(call.c.id).where(call.c.id == call_id).with_for_update())


def keep_identity(connection: Connection, resource_id: str, user_id: str) -> None:
    """Keep the identity as it is until the transaction ends; others may do the same.

    For who builds on an identity. Before the room's lock, if both are needed: a revocation takes
    them in this order.
    """
    connection.execute(
        select(identity.c.user_id)
        .where(identity.c.resource_id == resource_id, identity.c.user_id == user_id)
        .with_for_update(read=True)
    )


def lock_identity(connection: Connection, resource_id: str, user_id: str) -> None:
    """Hold the identity until the transaction ends; for revocation and deletion."""
    connection.execute(
        select(identity.c.user_id)
        .where(identity.c.resource_id == resource_id, identity.c.user_id == user_id)
        .with_for_update()
    )
