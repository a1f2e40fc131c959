"""`make load`: large rooms, joined through the agent socket and the gate."""
