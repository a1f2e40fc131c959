"""What the operation that explains says of itself."""

from openrooms.calling.explaining import wire
from openrooms.calling.explaining.routes import EXPLANATION
from openrooms.http.description import Described, Parameter

DESCRIBED = (
    Described(
        method="GET",
        path=EXPLANATION,
        id="Rooms_Explain",
        says="Explain, rule by rule, why a user may join the room at a moment, or not.",
        status=200,
        answer=wire.ExplanationModel,
        parameters=(
            Parameter("user", "query", "The raw id of the user. Needed."),
            Parameter("at", "query", "A date and time, past or to come; without it, now."),
        ),
        errors=(404,),
    ),
)
