"""Moments are read as the Rooms API reads them, and all of an explanation is told."""

import json
from datetime import UTC, datetime

import pytest

from openrooms.calling.explaining.errors import NoSuchMoment
from openrooms.calling.explaining.model import Explanation, Outcome, Source, Step, When
from openrooms.calling.explaining.wire import read_moment, write_explanation
from openrooms.calling.model import EndReason

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_a_moment_is_read_and_none_is_now() -> None:
    assert read_moment("2026-11-22T10:00:00+01:00") == AT
    assert read_moment(None) is None


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(NoSuchMoment):
        read_moment(text)


def test_an_explanation_is_told_with_its_rules() -> None:
    steps = (
        Step("signedIn", Outcome.REFUSES, Source.AS_OF_NOW, "No."),
        Step("invited", Outcome.NOT_ASKED),
    )
    reason = EndReason(401, 10009, "Out.")

    told = json.loads(
        write_explanation(Explanation("1", "8:acs:a_b", AT, When.PAST, None, reason, steps))
    )

    assert (told["admitted"], told["when"], told["role"]) == (False, "past", None)
    assert told["reason"] == {"code": 401, "subCode": 10009, "message": "Out."}
    assert [one["source"] for one in told["rules"]] == ["asOfNow", None]
    assert (told["refusedJoins"], told["stays"]) == ([], [])
