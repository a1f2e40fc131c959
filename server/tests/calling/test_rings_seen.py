"""Who is told of those who are called into a room's call: whoever may call them, and nobody else."""

from typing import Any

import pytest

from openrooms.rooms.model import Role

from .house import AgentClient, House, invited

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


async def test_who_is_called_and_has_no_device_comes_and_goes(house: House) -> None:
    doctor, room = await invited(house, Role.PRESENTER)
    patient = await house.world.person()
    await house.world.invite(room, {patient.raw_id: Role.ATTENDEE})
    async with house.agent(doctor) as presenter:
        joined = await presenter.join(room.id)
        await presenter.ask("add", callId=joined["call"]["callId"], rawIds=[patient.raw_id])

        assert await _fate(presenter, patient.raw_id) == (480, 10037)


async def test_who_is_called_and_declines_at_once_comes_and_goes(house: House) -> None:
    doctor, room = await invited(house, Role.PRESENTER)
    patient, guest = await house.world.person(), await house.world.person()
    await house.world.invite(room, {patient.raw_id: Role.ATTENDEE, guest.raw_id: Role.ATTENDEE})
    async with (
        house.agent(doctor) as presenter,
        house.agent(guest) as attendee,
        house.agent(patient) as called,
    ):
        joined = await presenter.join(room.id)
        await attendee.join(room.id)
        await presenter.ask("add", callId=joined["call"]["callId"], rawIds=[patient.raw_id])
        incoming = await called.event("incoming")
        await called.ask("reject", participantId=incoming["participantId"])

        assert await _fate(presenter, patient.raw_id) == (603, 0)
        await attendee.ask("ping")
        assert patient.raw_id not in "".join(attendee.heard)


async def _fate(watcher: AgentClient, raw_id: str) -> tuple[int, int]:
    """Somebody is told of as ringing, and then as gone, for a reason."""
    came, gone = [await watcher.event("legsChanged") for _ in range(2)]
    (ringing,) = came["changed"]
    assert (ringing["rawId"], ringing["state"]) == (raw_id, "ringing")
    assert gone["removed"] == [ringing["participantId"]]
    end: dict[str, Any] = gone["ends"][ringing["participantId"]]
    return end["code"], end["subCode"]
