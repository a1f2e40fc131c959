"""Taken off the roster in mid-call: out at once, and nothing he still holds brings him back."""

import pytest
from support.agents import Refusal, agent
from support.callpage import Caller, EndReason
from support.deadlines import wait_for
from support.engine import EngineEye
from support.gates import ShutOut, line
from support.office import Office
from support.report import figure
from support.scenes import Consultation
from support.secrets import tokens_in
from support.server import Server

OUT_WITHIN = 2.0


def test_who_is_removed_is_out_within_two_seconds_and_others_see_it(
    office: Office, eye: EngineEye, consultation: Consultation
) -> None:
    doctor, patient = consultation.doctor, consultation.patient

    office.expel(consultation.room, patient.user)

    told, took = wait_for("he is told", patient.end_reason, within=10, every=0.02)
    _, gone = wait_for("his tile is gone", lambda: not doctor.tiles(), within=10, every=0.02)
    _, out = wait_for("he is out at the engine", lambda: not eye.of(patient.user.raw_id), within=10)
    assert told.numbers == "0/5317"
    assert doctor.end_reason() is None
    figure("removal: told and out", took + gone + out, at_most=OUT_WITHIN, unit="s")


def test_nothing_that_a_removed_user_holds_lets_him_in_again(
    server: Server, office: Office, eye: EngineEye, consultation: Consultation
) -> None:
    patient = consultation.patient
    held = _everything_he_holds(patient)

    office.expel(consultation.room, patient.user)
    patient.is_told(within=5)

    assert patient.try_to_join(consultation.room).numbers == "403/5828"
    assert _refusal(server, patient.user.token, consultation.room) == (403, 5828)
    assert _refusal(server, office.token(patient.user), consultation.room) == (403, 5828)
    for token in held:
        with pytest.raises(ShutOut) as refused, line(server.ready.browser_url, token):
            pass
        assert refused.value.status == 403
    assert eye.of(patient.user.raw_id) == []


def test_a_ticket_opens_media_again_and_again_but_not_after_removal(
    server: Server, office: Office, eye: EngineEye
) -> None:
    user = office.user()
    room = office.room({user: "Attendee"})
    with agent(server.ready.browser_url, server.secrets) as socket:
        socket.hello(user.token)
        ticket = socket.join(room).ticket
        for _ in range(2):
            with line(server.ready.browser_url, ticket) as connection:
                connection.hear("join")

        with line(server.ready.browser_url, ticket) as connection:
            connection.hear("join")
            office.expel(room, user)
            ended = socket.event("ended", within=OUT_WITHIN)
            cut = connection.closed_with(within=OUT_WITHIN)

    assert (ended["code"], ended["subCode"]) == (0, 5317)
    assert cut == 4403
    with pytest.raises(ShutOut) as refused, line(server.ready.browser_url, ticket):
        pass
    assert refused.value.status == 403
    assert "5317" in refused.value.body
    wait_for("he is out at the engine", lambda: not eye.of(user.raw_id), within=OUT_WITHIN)


def test_added_again_he_joins_at_once(office: Office, consultation: Consultation) -> None:
    patient = consultation.patient
    office.expel(consultation.room, patient.user)
    patient.is_told(within=5)

    office.invite(consultation.room, patient.user)
    patient.join(consultation.room)

    consultation.meet()


def test_a_deleted_room_ends_the_call_for_everyone(
    office: Office, eye: EngineEye, consultation: Consultation
) -> None:
    office.delete(consultation.room)

    told, took = wait_for(
        "both are told",
        lambda: _both_told(consultation),
        within=10,
        every=0.02,
    )
    assert [each.numbers for each in told] == ["0/5317", "0/5317"]
    both = consultation.doctor.user.raw_id, consultation.patient.user.raw_id
    wait_for("nobody at the engine", lambda: not any(eye.of(each) for each in both), within=2)
    figure("room deleted: everyone told", took, at_most=OUT_WITHIN, unit="s")


def _both_told(call: Consultation) -> list[EndReason]:
    told = [each.end_reason() for each in (call.doctor, call.patient)]
    return [each for each in told if each is not None] if None not in told else []


def _everything_he_holds(who: Caller) -> set[str]:
    """His token, his tickets, and all that looks like a token in what came down to him."""
    tickets = who.tickets()
    seen = tokens_in(who.person.wire.received_text())
    assert tickets, "no ticket was seen on the wire"
    assert not seen, f"tokens came down the wire: {[token[:24] for token in seen]}"
    return tickets | {who.user.token}


def _refusal(server: Server, token: str, room: str) -> tuple[int, int]:
    with agent(server.ready.browser_url, server.secrets) as socket:
        socket.hello(token)
        with pytest.raises(Refusal) as refused:
            socket.join(room)
    return refused.value.code, refused.value.sub_code
