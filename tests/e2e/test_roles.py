"""A role changed in mid-call holds at once, and at the engine."""

from support.callpage import HEARD, UNHEARD, Caller
from support.deadlines import stays, wait_for
from support.engine import EngineEye
from support.office import ATTENDEE, CONSUMER, PRESENTER, Office
from support.report import figure
from support.scenes import MET_WITHIN, Consultation

HELD_WITHIN = 2.0


def test_who_is_made_consumer_is_neither_seen_nor_heard_within_two_seconds(
    office: Office, eye: EngineEye, consultation: Consultation
) -> None:
    doctor, patient = consultation.doctor, consultation.patient

    office.invite(consultation.room, patient.user, CONSUMER)

    _, took = wait_for("no right to send", lambda: _is_silenced(eye, patient), within=10)
    figure("demotion held at the engine", took, at_most=HELD_WITHIN, unit="s")
    still = doctor.sees_nothing_new_of(patient, within=HELD_WITHIN)
    quiet = doctor.hears_nothing_of(patient, within=HELD_WITHIN)
    figure("demotion: picture and sound stop", took + still + quiet, at_most=HELD_WITHIN, unit="s")
    stays("he is silenced", lambda: _is_silenced(eye, patient), for_seconds=2)
    assert doctor.loudness(patient, milliseconds=1000) < UNHEARD
    tile = doctor.tile(patient)
    assert tile is not None
    assert (tile["video"], tile["muted"]) == ("off", "true")


def test_a_consumer_still_sees_and_hears_and_knows_his_role(
    office: Office, consultation: Consultation
) -> None:
    doctor, patient = consultation.doctor, consultation.patient

    office.invite(consultation.room, patient.user, CONSUMER)

    wait_for("his role", lambda: patient.role == "Consumer", within=HELD_WITHIN)
    patient.meets(doctor, within=5)
    assert patient.is_in_call()


def test_who_is_made_attendee_again_may_send_again(
    office: Office, consultation: Consultation
) -> None:
    doctor, patient = consultation.doctor, consultation.patient
    office.invite(consultation.room, patient.user, CONSUMER)
    doctor.hears_nothing_of(patient, within=5)

    office.invite(consultation.room, patient.user, ATTENDEE)
    wait_for("his role", lambda: patient.role == "Attendee", within=HELD_WITHIN)
    for tool in ("mute", "camera"):
        patient.turn_on(tool)

    doctor.meets(patient, within=MET_WITHIN)


def test_who_is_made_presenter_may_share_the_screen(
    office: Office, eye: EngineEye, consultation: Consultation
) -> None:
    doctor, patient = consultation.doctor, consultation.patient
    assert not patient.may_press("share")

    office.invite(consultation.room, patient.user, PRESENTER)
    wait_for("he may share", lambda: patient.may_press("share"), within=HELD_WITHIN)
    patient.press("share")

    wait_for("his screen at the engine", lambda: _shares(eye, patient), within=5)
    doctor.sees_screen_of(patient, within=5)
    assert doctor.loudness(patient, milliseconds=600) > HEARD


def test_a_presenter_made_attendee_shares_no_more(
    office: Office, eye: EngineEye, consultation: Consultation
) -> None:
    doctor, patient = consultation.doctor, consultation.patient
    office.invite(consultation.room, patient.user, PRESENTER)
    wait_for("he may share", lambda: patient.may_press("share"), within=HELD_WITHIN)
    patient.press("share")
    doctor.sees_screen_of(patient, within=5)

    office.invite(consultation.room, patient.user, ATTENDEE)

    wait_for("no screen", lambda: not _shares(eye, patient), within=HELD_WITHIN)
    wait_for("no share button", lambda: not patient.may_press("share"), within=HELD_WITHIN)
    doctor.meets(patient, within=5)


def _is_silenced(eye: EngineEye, who: Caller) -> bool:
    places = eye.of(who.user.raw_id)
    return bool(places) and all(not each.may_publish and not each.tracks for each in places)


def _shares(eye: EngineEye, who: Caller) -> bool:
    return any("SCREEN_SHARE" in each.tracks for each in eye.of(who.user.raw_id))
