"""Resources, users, access tokens."""
