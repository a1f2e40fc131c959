"""Who most scenarios are about: a doctor and a patient in one room."""

import time
from dataclasses import dataclass

from support.browser import Person, Town
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

    def goes_on(self, *, for_seconds: float, within: float) -> float:
        """Look again and again for so long; gives the longest wait for new frames and the tone."""
        begun = time.monotonic()
        longest = self.meet(within=within)
        while time.monotonic() - begun < for_seconds:
            longest = max(longest, self.meet(within=within))
        return longest


def call_in(town: Town, *, width: int = 320, height: int = 180) -> tuple[Person, Person]:
    """A doctor and a patient, each in front of a browser with a camera of that size."""
    doctor, patient = (town.call(who, width=width, height=height) for who in (DOCTOR, PATIENT))
    return doctor, patient


def consult(
    server: Server, office: Office, two: tuple[Person, Person], *, app: str | None = None
) -> Consultation:
    """Bring a doctor and a patient together: new users, in a new room.

    `app`: the address of the app that the patient comes by, if it is not the sample page.
    """
    doctor = Caller(two[0], server, user=office.user(), name=DOCTORS_NAME)
    patient = Caller(two[1], server, user=office.user(), name=PATIENTS_NAME, address=app)
    room = office.room({doctor.user: PRESENTER, patient.user: ATTENDEE})
    doctor.join(room)
    patient.join(room)
    return Consultation(room, doctor, patient)
