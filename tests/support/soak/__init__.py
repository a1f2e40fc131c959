"""A server's whole life in short: those who live it, and the scales it is weighed on."""
