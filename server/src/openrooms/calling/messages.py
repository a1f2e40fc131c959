"""What participants write to each other in a call: data channels and text. Passed on, never kept.

Each message is for those who are connected in the call at that moment, as the database has it. Who
is named and is not there is passed over without a word, so nobody learns of others who is invited.
"""

from collections.abc import Iterable
from types import MappingProxyType

from openrooms.calling import messages_wire
from openrooms.calling.agents import Agents, Line
from openrooms.calling.capabilities import REAL_TIME_TEXT
from openrooms.calling.errors import TooOften
from openrooms.calling.joining import Agent
from openrooms.calling.model import Place
from openrooms.calling.moderation import Moderation
from openrooms.calling.rates import Rates
from openrooms.calling.request_wire import LARGEST_DATA, CloseData, SendData, SendText
from openrooms.kernel.clock import Monotonic, monotonic

# Of one user, in bytes: what the hosted service lets pass of such channels (64, 512, 200 kbit/s).
_BYTES_A_SECOND = MappingProxyType(
    {
        ("Durable", "Normal"): 8_000.0,
        ("Durable", "High"): 8_000.0,
        ("Lossy", "Normal"): 64_000.0,
        ("Lossy", "High"): 25_000.0,
    }
)
BYTES_AT_ONCE = 2 * LARGEST_DATA
# A message counts as so many packets as it would fill.
PACKET = 1_200
# Of one user, on all channels together.
PACKETS_A_SECOND, PACKETS_AT_ONCE = 80.0, 160
TEXTS_A_SECOND, TEXTS_AT_ONCE = 10.0, 40
# Of a call: each packet as often as there is somebody who receives it.
RECEIVED_A_SECOND, RECEIVED_AT_ONCE = 8_000.0, 20_000


class Messages:
    """Passes on what participants write."""

    def __init__(
        self, moderation: Moderation, agents: Agents, *, seconds: Monotonic = monotonic
    ) -> None:
        self._moderation = moderation
        self._agents = agents
        self._bytes = {
            kind: Rates(a_second, BYTES_AT_ONCE, now=seconds)
            for kind, a_second in _BYTES_A_SECOND.items()
        }
        self._packets = Rates(PACKETS_A_SECOND, PACKETS_AT_ONCE, now=seconds)
        self._texts = Rates(TEXTS_A_SECOND, TEXTS_AT_ONCE, now=seconds)
        self._received = Rates(RECEIVED_A_SECOND, RECEIVED_AT_ONCE, now=seconds)

    async def send_data(self, agent: Agent, asked: SendData) -> None:
        """Pass a message on to everyone else, or to the devices of those who are named.

        What is lossy is lost for who does not keep up. Raises `TooOften`, `NotInCall`, or
        `TryAgain` while the own media is not up yet.
        """
        size = len(asked.data)
        self._take_packets(agent, size)
        if not self._bytes[asked.reliability, asked.priority].take(agent.raw_id, size):
            raise TooOften
        own, places = await self._moderation.addressed(agent, asked.call_id)
        lines = self._lines(
            asked.call_id,
            (
                place
                for place in places
                if place.leg_id != own.id
                and (asked.raw_ids is None or place.raw_id in asked.raw_ids)
            ),
        )
        self._take_received(asked.call_id, size, times=len(lines))
        for line in lines:
            told = messages_wire.Data(
                call_id=asked.call_id,
                participant_id=own.id,
                raw_id=own.raw_id,
                channel_id=asked.channel_id,
                session=asked.session,
                sequence=asked.sequence,
                reliability=asked.reliability,
                data=asked.data,
            )
            if asked.reliability == "Lossy":
                line.offer(told)
            else:
                line.post(told)

    async def close_data(self, agent: Agent, asked: CloseData) -> None:
        """Tell everyone else that a session of a data channel is over. Raises as `send_data`."""
        self._take_packets(agent, 0)
        own, places = await self._moderation.addressed(agent, asked.call_id)
        others = self._lines(asked.call_id, (one for one in places if one.leg_id != own.id))
        self._take_received(asked.call_id, 0, times=len(others))
        for line in others:
            line.post(
                messages_wire.DataClosed(
                    call_id=asked.call_id,
                    participant_id=own.id,
                    channel_id=asked.channel_id,
                    session=asked.session,
                )
            )

    async def send_text(self, agent: Agent, asked: SendText) -> None:
        """Show everyone, himself included, what somebody writes. Raises as `send_data`, or
        `NotPermitted`.

        Who does not keep up may miss how a text grew, and gets it once it is final.
        """
        if not self._texts.take(agent.raw_id):
            raise TooOften
        own, places = await self._moderation.addressed(agent, asked.call_id, needs=REAL_TIME_TEXT)
        lines = self._lines(asked.call_id, places)
        self._take_received(asked.call_id, len(asked.text), times=len(lines))
        for line in lines:
            told = messages_wire.Text(
                call_id=asked.call_id,
                participant_id=own.id,
                raw_id=own.raw_id,
                display_name=own.display_name,
                sequence=asked.sequence,
                text=asked.text,
                final=asked.final,
            )
            if asked.final:
                line.post(told)
            else:
                line.offer(told)

    def _take_packets(self, agent: Agent, size: int) -> None:
        if not self._packets.take(agent.raw_id, _packets(size)):
            raise TooOften

    def _take_received(self, call_id: str, size: int, *, times: int) -> None:
        if not self._received.take(call_id, _packets(size) * times):
            raise TooOften

    def _lines(self, call_id: str, places: Iterable[Place]) -> list[Line]:
        """The connections of those whose clients know of their legs there."""
        lines = []
        for place in places:
            line = self._agents.of(place.raw_id, place.agent_id)
            own = None if line is None else line.leg_in(call_id)
            if line is not None and own is not None and own.id == place.leg_id:
                lines.append(line)
        return lines


def _packets(size: int) -> int:
    return max(1, -(-size // PACKET))
