"""What can be wrong with a rooms request.

RoomError
    RoomNotFound                404
    InvalidRoomIdLength         400
    InvalidRoomId               400
    InvalidIdentifier           400, on create
    InvalidParticipants         400, on update
    RosterFull                  400
    MalformedRequest            400, with details that name each place
        EndsInThePast
        StartsTooLate
        WindowTooLong
    RepeatRefused               400, says so in a header
        RepeatHeaderMissing
        InvalidRepeatId
        InvalidFirstSent
        RepeatDiffers
        FirstSentTooFarOff      412
    RefusedBefore               4xx, a repeated request that was refused at first, too
    StillRunning                409, the first try of a repeated request has not ended yet
    Taken                       503, an id was used by someone else meanwhile
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One place in a request that is wrong, and why."""

    message: str
    target: str
    code: str = "BadArgument"


class RoomError(Exception):
    """Anything wrong with a rooms request."""

    status = 400
    code = "BadRequest"
    message = ""
    details: Sequence[Fault] = ()
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({})


class RoomNotFound(RoomError):
    """No room has this id, or it is deleted, or it is of another resource."""

    status = 404
    code = "NotFound"
    message = "The server cannot find the requested resource."


class InvalidRoomIdLength(RoomError):
    """The text is too short or too long for a room id."""

    message = "Invalid room ID length."


class InvalidRoomId(RoomError):
    """The text is no room id, though as long as one."""

    message = "Invalid room ID."


class InvalidIdentifier(RoomError):
    """A new room's participant is no communication user."""

    message = "Invalid format for communication identifier."


class InvalidParticipants(RoomError):
    """A roster change names something that is no communication user."""

    message = "Invalid value for the Participants."


class RosterFull(RoomError):
    """More participants than a room may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.message = f"A room can have at most {limit} participants."


class MalformedRequest(RoomError):
    """The request does not say what it should; `details` name the places."""

    message = "The request could not be understood by the server due to malformed syntax."

    def __init__(self, *details: Fault) -> None:
        super().__init__(*details)
        if details:
            self.details = details


class EndsInThePast(MalformedRequest):
    """The room would have ended already."""

    details = (Fault("The time range end is in the past.", "ValidUntil"),)


class StartsTooLate(MalformedRequest):
    """The room would start too far ahead."""

    def __init__(self, days: int) -> None:
        message = f"Value is incorrect or more than {days} days in the future."
        super().__init__(Fault(message, "ValidFrom"))


class WindowTooLong(MalformedRequest):
    """The room would end before it starts, or last too long."""

    def __init__(self, days: int) -> None:
        message = f"The time range is incorrect, or larger than {days} days."
        super().__init__(Fault(message, "ValidUntil"))


class RepeatRefused(RoomError):
    """A repeatable request that cannot be honoured as one."""

    headers = MappingProxyType({"Repeatability-Result": "rejected"})


class RepeatHeaderMissing(RepeatRefused):
    """One of the two headers came without the other."""

    message = "Repeatability-Request-ID and Repeatability-First-Sent must be sent together."


class InvalidRepeatId(RepeatRefused):
    """The request id is no GUID."""

    message = "The value of Repeatability-Request-ID must be a GUID."


class InvalidFirstSent(RepeatRefused):
    """The date cannot be read."""

    message = "The value of Repeatability-First-Sent must be an HTTP date."


class RepeatDiffers(RepeatRefused):
    """The request id is known, from a request that asked for something else."""

    message = "Repeatability-Request-ID was used before with a different request."


class FirstSentTooFarOff(RepeatRefused):
    """The date is not near enough to our time for the request to be remembered."""

    status = 412
    code = "PreconditionFailed"
    message = "Repeatability-First-Sent must be within 5 minutes of the server's time."


class RefusedBefore(RoomError):
    """What was wrong with a request when it came first. It is refused in the same words again."""

    def __init__(self, status: int, code: str, message: str, *, details: Sequence[Fault]) -> None:
        super().__init__(status)
        self.status, self.code, self.message, self.details = status, code, message, details


class StillRunning(RoomError):
    """The same repeatable request is being carried out; its answer is not known yet."""

    status = 409
    code = "Conflict"
    message = (
        "The request with this Repeatability-Request-ID is still being carried out. Try again."
    )
    retry_after = 1


class Taken(RoomError):
    """A new id, or a request id, was used by another request at the same moment."""

    status = 503
    code = "ServiceUnavailable"
    message = "The server is busy. Try again."
