"""Takes what users think of their calls, while they are in them or after."""

from dataclasses import replace
from functools import partial

from openrooms.calling.errors import BadMessage, NeverInCall, SignedOut, TooOften
from openrooms.calling.joining import Agent
from openrooms.calling.surveys import store
from openrooms.calling.surveys.model import SURVEYS_IN, Survey
from openrooms.calling.surveys.ratings_wire import Ratings
from openrooms.identity.service import Identities
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import is_guid
from openrooms.storage.database import Connection, Database


class Surveying:
    """Takes surveys."""

    def __init__(self, database: Database, clock: Clock, identities: Identities) -> None:
        self._database = database
        self._clock = clock
        self._identities = identities

    async def submit(
        self, agent: Agent, ratings: Ratings, *, survey_id: str, participant_id: str | None
    ) -> None:
        """Keep what the agent's user thinks of a call; once, however often the same is handed in.

        `participant_id`: his endpoint in the call; None when he never got in. Raises `BadMessage`,
        `NeverInCall`, `SignedOut`, or `TooOften`.
        """
        if not is_guid(survey_id):
            raise BadMessage("surveyId is not a GUID.")
        new = Survey(
            id=survey_id.lower(),
            resource_id=agent.caller.user.resource,
            raw_id=agent.raw_id,
            call_id=None,
            participant_id=None if participant_id is None else participant_id.lower(),
            submitted_at=self._clock(),
            ratings=ratings,
        )
        await self._database.write(partial(self._submit, agent=agent, new=new))

    def _submit(self, connection: Connection, *, agent: Agent, new: Survey) -> None:
        caller = agent.caller
        if not self._identities.stands(connection, caller.user, caller.generation):
            raise SignedOut
        if store.is_known(connection, new.raw_id, new.id):
            return
        since = new.submitted_at - SURVEYS_IN
        if store.has_submitted_enough(connection, new.raw_id, since=since):
            raise TooOften
        store.add(connection, _placed(connection, new))


def _placed(connection: Connection, new: Survey) -> Survey:
    """The survey with the call of its endpoint. Raises `NeverInCall`."""
    if new.participant_id is None:
        return new
    call_id = None
    if is_guid(new.participant_id):
        call_id = store.call_of_leg(connection, new.raw_id, new.participant_id)
    if call_id is None:
        raise NeverInCall
    return replace(new, call_id=call_id)
