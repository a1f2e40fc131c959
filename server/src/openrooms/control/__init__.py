"""How an operator's commands reach a running server: a Unix socket in the data directory."""
