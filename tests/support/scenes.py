"""Who most scenarios are about: a doctor and a patient in one room."""

from dataclasses import dataclass

from support.browser import Town
from support.callpage import Caller, meet
from support.likeness import DOCTOR, PATIENT
from support.office import ATTENDEE, PRESENTER, Office
from support.server import Server

DOCTORS_NAME = "Dr. Ada Ruiz"
PATIENTS_NAME = "Bo Chen"
MET_WITHIN = 20.0


@dataclass(frozen=True, slots=True)
class Consultation:
    """A room with a doctor (Presenter) and a patient (Attendee), both in the call."""

    room: str
    doctor: Caller
    patient: Caller

    def meet(self, *, within: float = MET_WITHIN) -> float:
        """Each sees and hears the other; gives the seconds until both did."""
        return meet((self.doctor, self.patient), within=within)


def consult(
    server: Server, office: Office, town: Town, *, width: int = 640, height: int = 360
) -> Consultation:
    """Bring a doctor and a patient together, with cameras of that size."""
    doctors, patients = (town.call(who, width=width, height=height) for who in (DOCTOR, PATIENT))
    doctor = Caller(doctors, server, user=office.user(), name=DOCTORS_NAME)
    patient = Caller(patients, server, user=office.user(), name=PATIENTS_NAME)
    room = office.room({doctor.user: PRESENTER, patient.user: ATTENDEE})
    doctor.join(room)
    patient.join(room)
    return Consultation(room, doctor, patient)
