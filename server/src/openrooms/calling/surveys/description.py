"""What the operation on surveys says of itself."""

from openrooms.calling.surveys import wire
from openrooms.calling.surveys.routes import SURVEYS
from openrooms.http.description import Described, Parameter

DESCRIBED = (
    Described(
        method="GET",
        path=SURVEYS,
        id="Surveys_List",
        says="List what people thought of their calls, newest first.",
        status=200,
        answer=wire.SurveysModel,
        parameters=(
            Parameter("callId", "query", "A call's id: what was thought of it alone."),
            Parameter("user", "query", "A user's raw id: his surveys alone."),
            Parameter(
                "nextLink", "query", "Where the list goes on: part of the link of the page before."
            ),
        ),
    ),
)
