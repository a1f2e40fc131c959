"""What is kept of calls, of who was in them, and of joins that were refused."""
