"""What can go wrong in calling. Codes and sub codes are those of the hosted service's calls.

CallingError
    JoinRefused
        MalformedRoomId     400/5751
        MalformedGroupId    400/10044
        SignedOut           401/10009
        NotInvited          403/5828
        OutsideWindow       403/5829
        NoSuchRoom          404/5732
        CallFull            413/5808
        StartNotAllowed     403/10124
        BadCallees          400/10044
    NotRinging              400/41006
    NotInCall               412/41090
        NeverInCall
    NobodyThere             400/41054
    NotPermitted            403/10403, 405/10405, or what the hosted service has for it
    NoAttendee              403/46504
    TooManySpotlights       400/45902
    NotToBeSeen             400/10406
    TooManyToTell           413/10407
    TryAgain                503/0
    TooOften                429/0
    ForeignOrigin           403/0
    LegOver                 the leg's own end, or 401/10009 for an unknown ticket
    BadMessage              400/0
"""

from collections.abc import Mapping
from types import MappingProxyType


class CallingError(Exception):
    """Anything a client of the call side is told. `code` and `sub_code` are for programs."""

    code = 400
    sub_code = 0
    message = "The request could not be understood."


class JoinRefused(CallingError):
    """The door stays shut."""


class MalformedRoomId(JoinRefused):
    """The text is no room id."""

    sub_code = 5751
    message = "This is not a room id."


class MalformedGroupId(JoinRefused):
    """The text is no group id."""

    sub_code = 10044
    message = "This is not a group id: it has to be a GUID."


class StartNotAllowed(JoinRefused):
    """The token is for joining calls, not for starting them."""

    code = 403
    sub_code = 10124
    message = "This access token may join calls, but not start one: it lacks the scope voip."


class SignedOut(JoinRefused):
    """The token is not good, or no longer."""

    code = 401
    sub_code = 10009
    message = "The access token is not valid, has expired, or was revoked."


class NotInvited(JoinRefused):
    """A stranger."""

    code = 403
    sub_code = 5828
    message = "This user is not on the roster of the room."


class OutsideWindow(JoinRefused):
    """Too early or too late."""

    code = 403
    sub_code = 5829
    message = "The room is not open at this time."


class NoSuchRoom(JoinRefused):
    """Unknown, deleted, or of another resource."""

    code = 404
    sub_code = 5732
    message = "There is no such room."


class CallFull(JoinRefused):
    """No seat is free."""

    code = 413
    sub_code = 5808
    message = "The call has as many participants as it may have."


class BadCallees(JoinRefused):
    """Not users whom this one can call."""

    sub_code = 10044
    message = "Name one or more other users of this service by their raw ids."


class NotRinging(CallingError):
    """There is nothing to accept or to reject: it was answered, cancelled, or never rang here."""

    sub_code = 41006
    message = "This call does not ring for this user, or no longer."


class NotInCall(CallingError):
    """The agent has no live leg in the call that it speaks of."""

    code = 412
    sub_code = 41090
    message = "This agent is not in that call."


class NeverInCall(NotInCall):
    """The user never was the participant that a survey is of."""

    message = "This user never was that participant of a call."


class NobodyThere(CallingError):
    """Who is named is not in the call."""

    sub_code = 41054
    message = "This participant is not in the call."


class TryAgain(CallingError):
    """A part that is needed is away for the moment."""

    code = 503
    message = "The service cannot do this right now. Try again in a moment."


class TooOften(CallingError):
    """One user asks for more than anybody needs."""

    code = 429
    message = "This user does that too often. Try again in a moment."


class ForeignOrigin(CallingError):
    """A page of somebody whom the operator has not named."""

    code = 403
    message = "Pages of this origin may not use this server."


class LegOver(CallingError):
    """The ticket opens nothing: its leg has ended, or it never was one."""

    code = 403

    def __init__(self, code: int, sub_code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.sub_code = sub_code
        self.message = message


# Our own: the hosted service documents none for what a role may not do, or a kind of call has not.
_BY_ROLE = 10_403
_BY_KIND = (405, 10_405)
# By capability: of one that is the wrong role's, and of one that such a call does not have.
_ROLE_CODES: Mapping[str, int] = MappingProxyType(
    {
        "spotlightParticipant": 45_903,
        "removeParticipantsSpotlight": 45_903,
        "forbidOthersAudio": 46_502,
        "forbidOthersVideo": 46_502,
    }
)
_KIND_CODES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "muteOthers": (405, 41_093),
        "raiseHand": (400, 45_758),
        "spotlightParticipant": (400, 45_906),
        "removeParticipantsSpotlight": (400, 45_906),
    }
)


class NotPermitted(CallingError):
    """The capability that an operation needs is not there. `applies`: whether such a call has it."""

    def __init__(self, capability: str, *, applies: bool = True) -> None:
        super().__init__(capability)
        if applies:
            self.code, self.sub_code = 403, _ROLE_CODES.get(capability, _BY_ROLE)
            why = "this participant does not have it"
        else:
            self.code, self.sub_code = _KIND_CODES.get(capability, _BY_KIND)
            why = "this kind of call does not have it"
        self.message = f"This needs the capability {capability}, and {why}."


class NoAttendee(CallingError):
    """Only attendees can be forbidden to speak or to show themselves."""

    code = 403
    sub_code = 46504
    message = "This participant is no attendee."


class TooManySpotlights(CallingError):
    """As many are shown as may be."""

    sub_code = 45902

    def __init__(self, most: int) -> None:
        super().__init__(most)
        # In the words that the hosted service's UI library looks for.
        self.message = (
            f"startSpotlight failed. {most} is the max number of participants"
            " that can be Spotlighted"
        )


class NotToBeSeen(CallingError):
    """A consumer sends nothing that could be shown."""

    sub_code = 10406
    message = "This participant only watches, and cannot be spotlighted."


class TooManyToTell(CallingError):
    """Diagnostics are for small calls: in others they would be a flood."""

    code = 413
    sub_code = 10407

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.message = f"Diagnostics are told in calls of at most {most} people."


class BadMessage(CallingError):
    """A message of the agent socket that cannot be read; `message` says what is wrong with it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
