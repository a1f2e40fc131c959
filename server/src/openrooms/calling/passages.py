"""The connections that are open through the gate of this process."""

import asyncio

from openrooms.calling.closing import GOING_AWAY, Closing
from openrooms.calling.errors import TryAgain
from openrooms.calling.model import Leg
from openrooms.media.engine import Grants

# A reconnecting client may leave an old connection behind for a moment.
MOST_OF_A_LEG = 4


class Passage:
    """One connection through the gate, known to the enforcer from before the leg is read."""

    def __init__(self, leg: Leg) -> None:
        self.leg_id = leg.id
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
        self._closed = False

    def add(self, passage: Passage) -> None:
        """Note a connection. Raises `TryAgain` when the leg has too many, or the server stops."""
        same = self._open.setdefault(passage.leg_id, [])
        if self._closed or len(same) >= MOST_OF_A_LEG:
            raise TryAgain
        same.append(passage)

    def remove(self, passage: Passage) -> int:
        """Forget a connection; gives how many the leg has left."""
        same = self._open.get(passage.leg_id, [])
        if passage in same:
            same.remove(passage)
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
