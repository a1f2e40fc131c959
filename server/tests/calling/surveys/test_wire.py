"""The JSON of surveys, and places in their list."""

import json
from datetime import UTC, datetime

import msgspec
import pytest

from openrooms.calling.surveys import wire
from openrooms.calling.surveys.model import Survey
from openrooms.calling.surveys.ratings_wire import Ratings

ANN = "8:acs:5f0f4a6e-8c0a-4c6b-9d5d-2f6f5a4c7e10_6f0f4a6e-8c0a-4c6b-9d5d-2f6f5a4c7e10"


@pytest.mark.parametrize("call_id", [None, "5f0f4a6e-8c0a-4c6b-9d5d-2f6f5a4c7e10"])
@pytest.mark.parametrize("user", [None, ANN])
def test_a_place_in_a_list_says_of_what_the_list_is(call_id: str | None, user: str | None) -> None:
    written = wire.write_position(7, call_id=call_id, user=user)

    assert wire.read_position(written) == (7, call_id, user)


def test_a_survey_of_no_call_has_what_was_rated_and_no_more() -> None:
    survey = Survey(
        id="s",
        resource_id="r",
        raw_id=ANN,
        call_id=None,
        participant_id=None,
        submitted_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        ratings=msgspec.convert({"videoRating": {"score": 2, "issues": ["Freezes"]}}, Ratings),
    )

    page = json.loads(wire.write_surveys((survey,), "https://rooms.example/next"))

    (told,) = page["value"]
    assert page["nextLink"] == "https://rooms.example/next"
    assert (told["surveyId"], told["rawId"], told["callId"]) == ("s", ANN, None)
    assert told["videoRating"]["issues"] == ["Freezes"]
    assert "overallRating" not in told
