"""LiveKit: everything that knows the engine by name."""
