"""The PostgreSQL adapter: for several processes on one database."""
