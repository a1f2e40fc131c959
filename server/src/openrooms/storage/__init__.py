"""The database: one way to write, one way to read, SQLite today and PostgreSQL by the same door."""
