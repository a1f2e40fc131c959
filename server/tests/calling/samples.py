"""A leg for tests that need any leg."""

from datetime import UTC, datetime

from openrooms.calling.capabilities import CallKind, Standing, decide
from openrooms.calling.model import Leg
from openrooms.rooms.model import Role

LEG = Leg(
    id="leg",
    call_id="call",
    resource_id="resource",
    raw_id="8:acs:a_b",
    generation=0,
    display_name="",
    role=Role.PRESENTER,
    agent_id="agent",
    version=1,
    connected=False,
    joined_at=datetime(2026, 11, 22, tzinfo=UTC),
    capabilities=decide(Standing(CallKind.ROOM, Role.PRESENTER)),
)
