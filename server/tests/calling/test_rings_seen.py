"""Who is told of those who are called into a room's call: whoever may call them, and nobody else."""

import pytest

from openrooms.rooms.model import Role

from .house import House, invited

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_a_role_that_may_call_nobody_any_more_ends_what_is_told_of_rings(
    house: House,
) -> None:
    doctor, room = await invited(house, Role.PRESENTER)
    patient = await house.world.person()
    await house.world.invite(room, {patient.raw_id: Role.ATTENDEE})
    async with house.agent(doctor) as presenter, house.agent(patient):
        joined = await presenter.join(room.id)
        await presenter.ask("add", callId=joined["call"]["callId"], rawIds=[patient.raw_id])
        (ringing,) = (await presenter.event("legsChanged"))["changed"]

        await house.world.invite(room, {doctor.raw_id: Role.ATTENDEE})
        less = await presenter.event("legsChanged")
        await house.world.invite(room, {doctor.raw_id: Role.PRESENTER})
        more = await presenter.event("legsChanged")

    assert (ringing["rawId"], ringing["state"]) == (patient.raw_id, "ringing")
    assert less["removed"] == [ringing["participantId"]]
    assert more["changed"] == [ringing]
