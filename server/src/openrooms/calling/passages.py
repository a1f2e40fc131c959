"""The connections that are open through the gate of this process."""

import asyncio
from collections import Counter

from openrooms.calling.closing import GOING_AWAY, Closing
from openrooms.calling.errors import TryAgain
from openrooms.calling.model import Leg
from openrooms.calling.rates import Allowance, Rate, Rates, Share
from openrooms.media.engine import Grants

# A reconnecting client may leave an old connection behind for a moment.
MOST_OF_A_LEG = 4
MOST_OF_A_USER = 40
# A client that comes back tries some times in the first second, and once a second from then on.
OPENINGS_A_SECOND = 5.0
OPENINGS_AT_ONCE = 60
# Of one connection; a user with several has twice as much for all of them.
MESSAGES_A_SECOND = 200.0
MESSAGES_AT_ONCE = 1_000
# A description of 300 KB with each change of what 50 people are seen in.
BYTES_A_SECOND = 512 * 1024
BYTES_AT_ONCE = 8 * 1024 * 1024
SHARE = 2


class Passage:
    """One connection through the gate, known to the enforcer from before the leg is read."""

    def __init__(self, leg: Leg) -> None:
        self.leg_id = leg.id
        self.user = leg.raw_id
        self.grants: Grants = leg.grants
        self.settled = asyncio.Event()
        self._cut: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def cut(self, code: int) -> None:
        if not self._cut.done():
            self._cut.set_result(code)

    async def until_cut(self) -> None:
        raise Closing(await asyncio.shield(self._cut))

    @property
    def is_cut(self) -> bool:
        return self._cut.done()


class Passages:
    """Every connection through the gate of this process, by leg."""

    def __init__(self) -> None:
        self._open: dict[str, list[Passage]] = {}
        self._of_user: Counter[str] = Counter()
        self._closed = False
        self._openings = Rates(OPENINGS_A_SECOND, OPENINGS_AT_ONCE)
        self._messages = Rates(SHARE * MESSAGES_A_SECOND, SHARE * MESSAGES_AT_ONCE)
        self._octets = Rates(SHARE * BYTES_A_SECOND, SHARE * BYTES_AT_ONCE)

    def knock(self, user: str) -> None:
        """Somebody asks to be let in. Raises `TryAgain` when he does so too often."""
        if not self._openings.take(user):
            raise TryAgain

    def add(self, passage: Passage) -> None:
        """Note a connection.

        Raises `TryAgain` when the leg or its user has too many, or the server stops.
        """
        same = self._open.get(passage.leg_id, [])
        his = self._of_user[passage.user]
        if self._closed or len(same) >= MOST_OF_A_LEG or his >= MOST_OF_A_USER:
            raise TryAgain
        self._of_user[passage.user] += 1
        self._open[passage.leg_id] = [*same, passage]

    def allowance(self, passage: Passage) -> Allowance:
        """What a connection may send."""
        messages = Rate(MESSAGES_A_SECOND, MESSAGES_AT_ONCE)
        octets = Rate(BYTES_A_SECOND, BYTES_AT_ONCE)
        return Allowance(
            Share(passage.user, messages, self._messages), Share(passage.user, octets, self._octets)
        )

    def remove(self, passage: Passage) -> int:
        """Forget a connection; gives how many the leg has left."""
        same = self._open.get(passage.leg_id, [])
        if passage in same:
            same.remove(passage)
            self._of_user[passage.user] -= 1
            if not self._of_user[passage.user]:
                del self._of_user[passage.user]
        if not same:
            self._open.pop(passage.leg_id, None)
        return len(same)

    def of(self, leg_id: str) -> list[Passage]:
        return list(self._open.get(leg_id, ()))

    def set_grants(self, leg_id: str, grants: Grants) -> None:
        for passage in self.of(leg_id):
            passage.grants = grants

    def cut(self, leg_id: str, code: int) -> None:
        for passage in self.of(leg_id):
            passage.cut(code)

    def close(self) -> None:
        """Cut everything and let nothing in any more: the server stops."""
        self._closed = True
        for leg_id in list(self._open):
            self.cut(leg_id, GOING_AWAY)

    async def settled(self, leg_id: str) -> bool:
        """Wait until no connect of the leg is under way. False when there was none."""
        unsettled = [passage for passage in self.of(leg_id) if not passage.settled.is_set()]
        for passage in unsettled:
            await passage.settled.wait()
        return bool(unsettled)
