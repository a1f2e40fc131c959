"""A page that is reloaded in mid-call comes back by itself, and nobody is shown twice."""

from support.deadlines import wait_for
from support.report import figure
from support.scenes import MET_WITHIN, Consultation

ONE_AGAIN_WITHIN = 5.0


def test_a_reloaded_page_comes_back_and_is_shown_once(consultation: Consultation) -> None:
    doctor, patient = consultation.doctor, consultation.patient

    patient.person.page.reload()

    _, took = wait_for("he is in the call again", patient.is_in_call, within=MET_WITHIN)
    _, once = wait_for("one tile of him", lambda: len(doctor.tiles()) == 1, within=ONE_AGAIN_WITHIN)
    consultation.meet()
    figure("reload: back in the call", took + once, at_most=ONE_AGAIN_WITHIN, unit="s")
