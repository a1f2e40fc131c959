"""Handing in what one thinks of a call, and reading it over HTTP, on both stores."""

from collections.abc import Mapping
from uuid import uuid4

import msgspec
import pytest
from tests.calling.records.archive import Archive
from tests.identity.house import Json

from openrooms.calling.errors import BadMessage, NeverInCall, SignedOut, TooOften
from openrooms.calling.joining import Admission, Agent
from openrooms.calling.model import ENDED_FOR_ALL
from openrooms.calling.records.service import PAGE
from openrooms.calling.surveys.model import MOST_SURVEYS
from openrooms.calling.surveys.ratings_wire import Ratings
from openrooms.calling.surveys.surveying import Surveying

pytestmark = pytest.mark.anyio

SURVEYS = "/openrooms/v1/surveys"
ORIGIN = "https://rooms.example:8443"
FINE: Mapping[str, object] = {"overallRating": {"score": 5}}


def ratings(said: Mapping[str, object] = FINE) -> Ratings:
    return msgspec.convert(said, Ratings)


async def submit(
    archive: Archive,
    agent: Agent,
    admission: Admission | None = None,
    *,
    survey_id: str | None = None,
    said: Mapping[str, object] = FINE,
) -> str:
    """Hand one in; its id."""
    survey_id = survey_id or str(uuid4())
    participant_id = None if admission is None else admission.leg.id
    await surveying(archive).submit(
        agent, ratings(said), survey_id=survey_id, participant_id=participant_id
    )
    return survey_id


def surveying(archive: Archive) -> Surveying:
    return archive.services.surveying


async def read(archive: Archive, query: str = "") -> list[Json]:
    told = await archive.read(f"{SURVEYS}{query}", "Surveys_List")
    surveys: list[Json] = told["value"]
    return surveys


async def test_what_is_said_of_a_call_is_kept_as_it_was_said(archive: Archive) -> None:
    ann = await archive.agent("Ann")
    admission = await archive.join(ann, await archive.room(ann))
    said = {
        "overallRating": {
            "score": 41.5,
            "issues": ["HadToRejoin"],
            "scale": {"lowerBound": 0, "upperBound": 100, "lowScoreThreshold": 40},
        },
        "audioRating": {"score": 1, "issues": ["Echo", "LowVolume"]},
    }
    archive.house.clock.advance(minutes=5)

    survey_id = await submit(archive, ann, admission, said=said)

    usual = {"lowerBound": 1, "upperBound": 5, "lowScoreThreshold": 2}
    assert await read(archive) == [
        {
            "surveyId": survey_id,
            "rawId": ann.raw_id,
            "callId": admission.call.id,
            "participantId": admission.leg.id,
            "submittedAt": "2026-11-22T09:35:00.123456+00:00",
            "overallRating": said["overallRating"],
            "audioRating": {**said["audioRating"], "scale": usual},
        }
    ]


async def test_a_survey_is_taken_after_the_call_and_of_one_that_was_never_reached(
    archive: Archive,
) -> None:
    ann, stranger = await archive.agent(), await archive.agent()
    room = await archive.room(ann)
    admission = await archive.join(ann, room)
    await archive.services.calls.end_call(admission.call.id, ENDED_FOR_ALL)
    await archive.refused(stranger, str(room.id))

    await submit(archive, ann, admission)
    await submit(archive, stranger, said={"overallRating": {"score": 1}})

    of_stranger, of_ann = await read(archive)
    assert (of_stranger["rawId"], of_stranger["callId"]) == (stranger.raw_id, None)
    assert (of_ann["rawId"], of_ann["callId"]) == (ann.raw_id, admission.call.id)


async def test_what_is_handed_in_twice_is_kept_once(archive: Archive) -> None:
    ann = await archive.agent()
    admission = await archive.join(ann, await archive.room(ann))

    survey_id = await submit(archive, ann, admission)
    await submit(archive, ann, admission, survey_id=survey_id.upper())

    assert [one["surveyId"] for one in await read(archive)] == [survey_id]


async def test_nobody_speaks_for_others_or_of_calls_that_he_was_not_in(archive: Archive) -> None:
    ann, bob, cem = [await archive.agent() for _ in range(3)]
    of_ann = await archive.join(ann, await archive.room(ann, bob))
    archive.services.rings.look_for_agents({cem.raw_id: [cem.id]}.__getitem__)
    await archive.services.rings.start(ann, [cem.raw_id], join_id=str(uuid4()))
    (rings_at_cem,) = await archive.services.answers.answerable(cem)

    for agent, leg_id in (
        (bob, of_ann.leg.id),
        (bob, str(uuid4())),
        (bob, "x\0y"),
        (cem, rings_at_cem.leg.id),
    ):
        with pytest.raises(NeverInCall):
            await surveying(archive).submit(
                agent, ratings(), survey_id=str(uuid4()), participant_id=leg_id
            )
    with pytest.raises(BadMessage):
        await submit(archive, bob, survey_id="1")

    assert await read(archive) == []


async def test_whose_tokens_were_revoked_hands_nothing_in(archive: Archive) -> None:
    ann = await archive.agent()
    await archive.house.identities.revoke(archive.house.resource_id, ann.raw_id)

    with pytest.raises(SignedOut):
        await submit(archive, ann)

    assert await read(archive) == []


async def test_of_one_user_so_many_are_taken_within_an_hour(archive: Archive) -> None:
    ann, bob = await archive.agent(), await archive.agent()
    known = [await submit(archive, ann) for _ in range(MOST_SURVEYS)]

    with pytest.raises(TooOften):
        await submit(archive, ann)
    await submit(archive, ann, survey_id=known[0])
    await submit(archive, bob)
    archive.house.clock.advance(minutes=60)
    await submit(archive, ann)

    of_ann = await read(archive, f"?user={ann.raw_id}")
    assert len(of_ann) == MOST_SURVEYS + 1


async def test_surveys_of_one_call_or_of_one_user_are_found(archive: Archive) -> None:
    ann, bob = await archive.agent(), await archive.agent()
    one, other = await archive.room(ann, bob), await archive.room(ann)
    first = await archive.join(ann, one)
    await submit(archive, ann, first)
    await submit(archive, bob, await archive.join(bob, one))
    await submit(archive, ann, await archive.join(ann, other))

    of_call = await read(archive, f"?callId={first.call.id.upper()}")
    of_both = await read(archive, f"?callId={first.call.id}&user={bob.raw_id}")

    assert [survey["rawId"] for survey in of_call] == [bob.raw_id, ann.raw_id]
    assert [survey["rawId"] for survey in of_both] == [bob.raw_id]
    assert len(await read(archive, f"?user={ann.raw_id}")) == 2
    for query in ("?callId=1", "?callId=%00", "?user=ann"):
        refused = await archive.get(f"{SURVEYS}{query}", "Surveys_List")
        assert refused.status_code == 400


async def test_a_list_goes_on_behind_its_link_and_keeps_its_filter(archive: Archive) -> None:
    people = [await archive.agent() for _ in range(PAGE + 1)]
    room = await archive.room(*people)
    admissions = [await archive.join(one, room) for one in people]
    for one, admission in zip(people, admissions, strict=True):
        await submit(archive, one, admission)
    await submit(archive, people[0])

    first = await archive.read(f"{SURVEYS}?callId={admissions[0].call.id}", "Surveys_List")
    rest = await archive.read(first["nextLink"].removeprefix(ORIGIN), "Surveys_List")

    found = [one["rawId"] for one in [*first["value"], *rest["value"]]]
    assert found == [one.raw_id for one in reversed(people)]
    assert "nextLink" not in rest


async def test_nothing_of_one_resource_is_seen_by_another(archive: Archive) -> None:
    ann = await archive.agent()
    admission = await archive.join(ann, await archive.room(ann))
    await submit(archive, ann, admission)
    tenant = await archive.house.resources.create("clinic")
    other = archive.house.backend("v1", key=tenant.primary_key)
    targets = [
        f"{SURVEYS}{query}" for query in ("", f"?callId={admission.call.id}", f"?user={ann.raw_id}")
    ]

    lists = [await other.send("GET", target) for target in targets]

    assert [answer.json() for answer in lists] == [{"value": []}] * 3


async def test_a_survey_is_dropped_when_it_was_kept_long_enough(archive: Archive) -> None:
    ann = await archive.agent()
    await submit(archive, ann)
    archive.house.clock.advance(days=50)
    ann = await archive.sign_in(ann.caller.user)
    newer = await submit(archive, ann)
    archive.house.clock.advance(days=41)

    assert not await archive.surveys.sweep()

    assert [one["surveyId"] for one in await read(archive)] == [newer]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"overallRating": {}},
        {"overallRating": {"score": 0}},
        {"overallRating": {"score": 6}},
        {"overallRating": {"score": "5"}},
        {"overallRating": {"score": float("nan")}},
        {"overallRating": {"score": 5, "issues": ["Echo"]}},
        {"audioRating": {"score": 5, "issues": ["<b>"]}},
        {"videoRating": {"score": 5, "issues": ["Freezes"] * 10}},
        {"videoRating": {"score": 5, "scale": {"lowerBound": 5, "upperBound": 5}}},
        {"videoRating": {"score": 5, "scale": {"upperBound": 101}}},
        {"screenshareRating": {"score": 5, "scale": {"lowScoreThreshold": 6}}},
        {"screenshareRating": {"score": -1, "scale": {"lowerBound": -1}}},
    ],
)
def test_what_is_no_rating_is_refused(said: Mapping[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        ratings(said)
