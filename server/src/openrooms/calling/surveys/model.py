"""A survey that is kept: values and rules, no I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from openrooms.calling.surveys.ratings_wire import Ratings

# So many surveys of one user are taken in such a time.
MOST_SURVEYS = 20
SURVEYS_IN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a user thinks of a call. `id`: a GUID that his client gave.

    `call_id` and `participant_id`: of his endpoint in the call; None of a call that he never got into.
    """

    id: str
    resource_id: str
    raw_id: str
    call_id: str | None
    participant_id: str | None
    submitted_at: datetime
    ratings: Ratings
