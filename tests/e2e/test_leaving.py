"""Who leaves a call is gone from it at once, and may come back."""

from support.deadlines import wait_for
from support.report import figure
from support.scenes import MET_WITHIN, Consultation


def test_who_leaves_is_gone_for_the_other_and_may_come_back(
    consultation: Consultation,
) -> None:
    doctor, patient = consultation.doctor, consultation.patient

    patient.press("leave")
    _, took = wait_for("the patient gone", lambda: not doctor.tiles(), within=5)
    told = patient.is_told(within=5)

    assert told.numbers == "0/0"
    figure("leaving seen by the other", took, at_most=2, unit="s")
    patient.join(consultation.room)
    doctor.meets(patient, within=MET_WITHIN)
