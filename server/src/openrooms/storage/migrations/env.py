"""How Alembic runs our migrations: on the connection that it is handed, in its transaction."""

from alembic import context

from openrooms.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
