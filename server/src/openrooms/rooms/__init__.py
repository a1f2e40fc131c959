"""Rooms, rosters, repeatable requests."""
