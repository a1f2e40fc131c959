"""The harness for bad inputs: rows that say what is sent, a house that takes it, an oracle that judges."""
