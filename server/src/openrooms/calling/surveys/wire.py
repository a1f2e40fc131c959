"""The JSON of surveys as servers read them, and places in their list to text and back."""

import msgspec
from msgspec import UNSET, UnsetType

from openrooms.calling.surveys.model import Survey
from openrooms.calling.surveys.ratings_wire import Ratings
from openrooms.http.bodies import encode_json
from openrooms.http.dates import format_moment


class SurveyModel(Ratings, rename="camel", frozen=True, kw_only=True):
    """What somebody thought of a call. `callId` and `participantId`: null when he never got in."""

    survey_id: str
    raw_id: str
    call_id: str | None
    participant_id: str | None
    submitted_at: str


class SurveysModel(msgspec.Struct, rename="camel"):
    """A page of surveys, newest first."""

    value: list[SurveyModel]
    next_link: str | UnsetType = UNSET


def write_surveys(surveys: tuple[Survey, ...], next_link: str | None = None) -> bytes:
    return encode_json(SurveysModel([_survey(one) for one in surveys], next_link or UNSET))


def write_position(number: int, *, call_id: str | None, user: str | None) -> str:
    """Where a list goes on, and of what it is: of one call, of one user, or None for all."""
    return f"{number} {call_id or ''} {user or ''}"


def read_position(position: str) -> tuple[int, str | None, str | None]:
    """What `write_position` wrote."""
    number, call_id, user = position.split(" ")
    return int(number), call_id or None, user or None


def _survey(one: Survey) -> SurveyModel:
    ratings = one.ratings
    return SurveyModel(
        survey_id=one.id,
        raw_id=one.raw_id,
        call_id=one.call_id,
        participant_id=one.participant_id,
        submitted_at=format_moment(one.submitted_at),
        overall_rating=ratings.overall_rating,
        audio_rating=ratings.audio_rating,
        video_rating=ratings.video_rating,
        screenshare_rating=ratings.screenshare_rating,
    )
