"""What an operator can have done: the same over the control socket as on a database at rest."""
