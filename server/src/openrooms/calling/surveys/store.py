"""The SQL of surveys. Every function takes the connection of a transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from openrooms.calling.model import LegState
from openrooms.calling.records.model import Page
from openrooms.calling.surveys.model import MOST_SURVEYS, Survey
from openrooms.calling.surveys.ratings_wire import read_ratings, write_ratings
from openrooms.storage import numbered
from openrooms.storage.once import insert_once
from openrooms.storage.schema import leg, survey

AT_ONCE = 500


def is_known(connection: Connection, raw_id: str, survey_id: str) -> bool:
    found = select(survey.c.number).where(survey.c.raw_id == raw_id, survey.c.id == survey_id)
    return connection.execute(found).first() is not None


def has_submitted_enough(connection: Connection, raw_id: str, *, since: datetime) -> bool:
    """Whether the user has handed in as many since then as are taken."""
    known = numbered.newest_since(
        connection,
        survey.c.raw_id == raw_id,
        survey.c.submitted_at,
        since=since,
        most=MOST_SURVEYS,
    )
    return len(known) == MOST_SURVEYS


def call_of_leg(connection: Connection, raw_id: str, participant_id: str) -> str | None:
    """The call in which this endpoint of the user was; None when it was in none, or only rang."""
    found = select(leg.c.call_id).where(
        leg.c.id == participant_id,
        leg.c.raw_id == raw_id,
        leg.c.state == LegState.JOINED.value,
    )
    call_id: str | None = connection.execute(found).scalar_one_or_none()
    return call_id


def add(connection: Connection, new: Survey) -> None:
    """Keep a survey; nothing when it is there already."""
    connection.execute(
        insert_once(survey, "raw_id", "id").values(
            id=new.id,
            resource_id=new.resource_id,
            raw_id=new.raw_id,
            call_id=new.call_id,
            participant_id=new.participant_id,
            submitted_at=new.submitted_at,
            ratings=write_ratings(new.ratings),
        )
    )


def list_surveys(
    connection: Connection,
    resource_id: str,
    *,
    call_id: str | None,
    raw_id: str | None,
    after: int | None,
    size: int,
) -> Page[Survey, int]:
    """A page of the surveys of a resource, of one call, or of one user, newest first."""
    found = select(survey).where(survey.c.resource_id == resource_id)
    if call_id is not None:
        found = found.where(survey.c.call_id == call_id)
    if raw_id is not None:
        found = found.where(survey.c.raw_id == raw_id)
    rows, end = numbered.page(connection, survey, found, after=after, size=size)
    return Page(tuple(map(_survey, rows)), end)


def drop(connection: Connection, until: datetime, latest: datetime) -> bool:
    """Drop some surveys from before `until`; whether there may be more.

    The oldest come first; one from later than `latest` goes with them.
    """
    return numbered.drop_oldest(
        connection, survey, survey.c.submitted_at, until=until, latest=latest, at_once=AT_ONCE
    )


def _survey(row: Row[Any]) -> Survey:
    return Survey(
        id=row.id,
        resource_id=row.resource_id,
        raw_id=row.raw_id,
        call_id=row.call_id,
        participant_id=row.participant_id,
        submitted_at=row.submitted_at,
        ratings=read_ratings(row.ratings),
    )
