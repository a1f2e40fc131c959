"""Handing a survey in over a real agent socket."""

from uuid import uuid4

import pytest

from openrooms.calling.surveys.service import Surveys

from .guests import gathering
from .house import House, Refused

pytestmark = pytest.mark.anyio

FINE = {"overallRating": {"score": 5}}


async def test_who_has_left_says_how_it_was(house: House) -> None:
    async with gathering(house) as meeting:
        ada, bo = await meeting.enter(), await meeting.enter()
        leg_id = ada.joined["leg"]["participantId"]
        await ada.ask("leave")

        survey = {"surveyId": str(uuid4()), "participantId": leg_id, "ratings": FINE}
        answer = await ada.client.ask("survey", **survey)
        with pytest.raises(Refused) as refused:
            await bo.client.ask("survey", **survey)

        assert answer == {}
        assert refused.value.codes == (412, 41090)
        world = house.world
        surveys = Surveys(world.database, world.clock)
        kept = await surveys.surveys(world.resource_id, call_id=ada.joined["call"]["callId"])
        assert [one.raw_id for one in kept.value] == [ada.raw_id]
