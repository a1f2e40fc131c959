"""The JSON of explanations."""

from datetime import datetime

import msgspec

from openrooms.calling.explaining.errors import NoSuchMoment
from openrooms.calling.explaining.model import Explanation, Outcome, Source, When
from openrooms.calling.records.wire import (
    EndReasonModel,
    LegModel,
    RefusalModel,
    leg_model,
    reason_model,
    refusal_model,
)
from openrooms.http.bodies import encode_json
from openrooms.http.dates import format_moment, parse_moment
from openrooms.rooms.model import Role


class StepModel(msgspec.Struct, rename="camel"):
    """One rule, in the order in which they are asked. `source`: where its facts come from."""

    rule: str
    outcome: Outcome
    source: Source | None
    says: str


class ExplanationModel(msgspec.Struct, rename="camel"):
    """Why a user may join a room at a moment, or not.

    `reason`: what he is told when he may not. `refusedJoins` and `stays`: what is on record of him
    and the room, an hour before and after.
    """

    room_id: str
    raw_id: str
    at: str
    when: When
    admitted: bool
    role: Role | None
    reason: EndReasonModel | None
    rules: list[StepModel]
    refused_joins: list[RefusalModel]
    stays: list[LegModel]


def read_moment(text: str | None) -> datetime | None:
    """The moment that is asked about; None: now. Raises `NoSuchMoment`."""
    try:
        return None if text is None else parse_moment(text)
    except ValueError:
        raise NoSuchMoment from None


def write_explanation(one: Explanation) -> bytes:
    return encode_json(
        ExplanationModel(
            one.room_id,
            one.raw_id,
            format_moment(one.at),
            one.when,
            one.reason is None,
            one.role,
            reason_model(one.reason),
            [StepModel(step.rule, step.outcome, step.source, step.says) for step in one.steps],
            [refusal_model(refusal) for refusal in one.refusals],
            [leg_model(leg) for leg in one.stays],
        )
    )
