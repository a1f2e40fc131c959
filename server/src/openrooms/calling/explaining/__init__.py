"""Why somebody could, can or could not join a room at a moment."""
