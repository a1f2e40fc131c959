"""What a role may do in a call, by the capability names of the Azure Calling SDK."""

from dataclasses import dataclass

from openrooms.rooms.model import Role

CAPABLE = "Capable"
ROLE_RESTRICTED = "RoleRestricted"
NOT_IN_THIS_CALL = "CapabilityNotApplicableForTheCallType"
NOT_SUPPORTED = "FeatureNotSupported"

_TALKERS = frozenset({Role.PRESENTER, Role.COLLABORATOR, Role.ATTENDEE})
_SHARERS = frozenset({Role.PRESENTER, Role.COLLABORATOR})

# Which roles have what this version can do (docs/agent-socket.md).
_BY_ROLE = {
    "turnVideoOn": _TALKERS,
    "unmuteMic": _TALKERS,
    "shareScreen": _SHARERS,
    "viewAttendeeNames": frozenset(Role),
}
_NEVER_IN_A_ROOM = (
    "hangUpForEveryOne",
    "addTeamsUser",
    "manageLobby",
    "startTogetherMode",
    "joinBreakoutRooms",
)
# The service does not do these yet, whatever the role.
_NOT_YET = (
    "addCommunicationUser",
    "addPhoneNumber",
    "blurBackground",
    "forbidOthersAudio",
    "forbidOthersVideo",
    "muteOthers",
    "pstnDialOut",
    "raiseHand",
    "realTimeText",
    "removeParticipant",
    "removeParticipantsSpotlight",
    "setCaptionLanguage",
    "spotlightParticipant",
    "startLiveCallingCaptions",
    "startLiveMeetingCaptions",
    "useReactions",
)


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether something may be done, and the reason, a word of the SDK."""

    is_present: bool
    reason: str


def capabilities(role: Role) -> dict[str, Capability]:
    """Every capability name with its value for `role` in a room call."""
    known = {
        name: Capability(is_present=True, reason=CAPABLE)
        if role in roles
        else Capability(is_present=False, reason=ROLE_RESTRICTED)
        for name, roles in _BY_ROLE.items()
    }
    never = {
        name: Capability(is_present=False, reason=NOT_IN_THIS_CALL) for name in _NEVER_IN_A_ROOM
    }
    not_yet = {name: Capability(is_present=False, reason=NOT_SUPPORTED) for name in _NOT_YET}
    return known | never | not_yet
