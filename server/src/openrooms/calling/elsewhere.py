"""What a process without calls does about a change: whoever runs the calls is told to look."""

from openrooms.kernel.identifiers import CommunicationUser
from openrooms.storage.database import Connection
from openrooms.storage.hints import hint
from openrooms.storage.revisions import raise_revision

# Raised with each end of a user's tokens: whoever runs the calls looks at it, so that a hint that is
# lost delays nothing.
REVOCATIONS = "revocations"


class CallsElsewhere:
    """Watches rooms and identities for a process of the same database that runs the calls."""

    def settle_room(self, connection: Connection, room_id: int) -> None:
        """Live legs are settled there: it alone can act on what follows."""
        hint(connection)

    def settle_user(self, connection: Connection, user: CommunicationUser) -> None:
        raise_revision(connection, REVOCATIONS)
        hint(connection)

    async def end_resource(self, resource_id: str) -> None:
        """Whoever runs the calls notices the end of the resource itself."""

    async def look_again(self) -> None:
        """Whoever runs the calls looks."""

    def follow(self, outcome: object) -> None:
        """The hint is on its way with the commit."""
