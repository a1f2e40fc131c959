"""OpenRooms: self-hosted, invite-only, expiring, role-based rooms for voice and video calls."""

__version__ = "0.1.0"
