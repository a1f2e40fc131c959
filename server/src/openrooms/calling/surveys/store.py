"""The SQL of surveys. Every function takes the connection of a transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select

from openrooms.calling.model import LegState
from openrooms.calling.records.model import Page
from openrooms.calling.surveys.model import MOST_SURVEYS, Survey
from openrooms.calling.surveys.ratings_wire import read_ratings, write_ratings
from openrooms.storage.once import insert_once
from openrooms.storage.schema import leg, survey

AT_ONCE = 500


def is_known(connection: Connection, raw_id: str, survey_id: str) -> bool:
    found = select(survey.c.number).where(survey.c.raw_id == raw_id, survey.c.id == survey_id)
    return connection.execute(found).first() is not None


def has_submitted_enough(connection: Connection, raw_id: str, *, since: datetime) -> bool:
    """Whether the user has handed in as many since then as are taken."""
    newest = select(survey.c.submitted_at).where(survey.c.raw_id == raw_id)
    newest = newest.order_by(survey.c.number.desc()).limit(MOST_SURVEYS)
    moments = connection.execute(newest).scalars()
    return len([moment for moment in moments if moment > since]) == MOST_SURVEYS


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
    if after is not None:
        found = found.where(survey.c.number < after)
    rows = connection.execute(found.order_by(survey.c.number.desc()).limit(size + 1)).all()
    end = rows[size - 1].number if len(rows) > size else None
    return Page(tuple(map(_survey, rows[:size])), end)


def drop(connection: Connection, until: datetime, latest: datetime) -> bool:
    """Drop some surveys from before `until`; whether there may be more.

    The oldest come first; one from later than `latest` goes with them.
    """
    oldest = select(survey.c.number).order_by(survey.c.number).limit(AT_ONCE)
    old = or_(survey.c.submitted_at < until, survey.c.submitted_at > latest)
    dropped = connection.execute(delete(survey).where(survey.c.number.in_(oldest), old))
    return dropped.rowcount == AT_ONCE


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
