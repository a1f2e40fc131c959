"""Calls and legs, the agent socket, the gate, live rules."""
