"""What people think of their calls: taken from their clients, kept for a time, and read."""
