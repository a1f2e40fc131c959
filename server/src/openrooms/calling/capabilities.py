"""What a user may do in a call, by the capability names of the Azure Calling SDK. Values, no I/O.

`decide` is the one place in which it is decided: clients are told what it says, the engine's grants
follow from it, and each operation asks it before it does anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from openrooms.media.engine import Grants, Source
from openrooms.rooms.model import Role


class CallKind(StrEnum):
    """How a call came to be."""

    ROOM = "room"
    GROUP = "group"
    DIRECT = "direct"


class Reason(StrEnum):
    """Why a capability is there or not: words of the SDK."""

    CAPABLE = "Capable"
    ROLE_RESTRICTED = "RoleRestricted"
    MEETING_RESTRICTED = "MeetingRestricted"
    NOT_IN_THIS_CALL = "CapabilityNotApplicableForTheCallType"
    NOT_SUPPORTED = "FeatureNotSupported"
    NOT_INITIALIZED = "NotInitialized"


UNMUTE_MIC = "unmuteMic"
TURN_VIDEO_ON = "turnVideoOn"
SHARE_SCREEN = "shareScreen"

_EVERYBODY = frozenset(Role)
_TALKERS = frozenset({Role.PRESENTER, Role.COLLABORATOR, Role.ATTENDEE})
_SHARERS = frozenset({Role.PRESENTER, Role.COLLABORATOR})

# Which roles have in a room what this version can do (docs/agent-socket.md).
_BY_ROLE: Mapping[str, frozenset[Role]] = MappingProxyType(
    {
        TURN_VIDEO_ON: _TALKERS,
        UNMUTE_MIC: _TALKERS,
        SHARE_SCREEN: _SHARERS,
        "viewAttendeeNames": _EVERYBODY,
    }
)
_NEVER = ("addTeamsUser", "manageLobby", "startTogetherMode", "joinBreakoutRooms")
_NEVER_IN_A_ROOM = ("hangUpForEveryOne",)
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
NAMES = tuple(sorted({*_BY_ROLE, *_NEVER, *_NEVER_IN_A_ROOM, *_NOT_YET}))

_LETTERS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.CAPABLE: "C",
        Reason.ROLE_RESTRICTED: "R",
        Reason.MEETING_RESTRICTED: "M",
        Reason.NOT_IN_THIS_CALL: "T",
        Reason.NOT_SUPPORTED: "S",
        Reason.NOT_INITIALIZED: "I",
    }
)
_REASONS: Mapping[str, Reason] = MappingProxyType(
    {letter: reason for reason, letter in _LETTERS.items()}
)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """All capabilities of one user in one call. `letters`: one for each of `NAMES`; else none is."""

    letters: str = ""

    def reason(self, name: str) -> Reason:
        """Why `name` is there or not."""
        if len(self.letters) != len(NAMES):
            return Reason.NOT_INITIALIZED
        return _REASONS.get(self.letters[NAMES.index(name)], Reason.NOT_INITIALIZED)

    def has(self, name: str) -> bool:
        return self.reason(name) is Reason.CAPABLE

    def items(self) -> Iterator[tuple[str, Reason]]:
        return ((name, self.reason(name)) for name in NAMES)

    @property
    def grants(self) -> Grants:
        """What the engine lets the user do."""
        given = (sources for name, sources in _SOURCES.items() if self.has(name))
        return Grants(frozenset[Source]().union(*given))


_SOURCES: Mapping[str, frozenset[Source]] = MappingProxyType(
    {
        UNMUTE_MIC: frozenset({Source.MICROPHONE}),
        TURN_VIDEO_ON: frozenset({Source.CAMERA}),
        SHARE_SCREEN: frozenset({Source.SCREEN_SHARE, Source.SCREEN_SHARE_AUDIO}),
    }
)


class Standing(NamedTuple):
    """All that decides what a user may do in a call.

    `role`: None in calls that have no roles. `two_party`: a call of two that nobody was added to.
    `audio`, `video`: whether the meeting lets him speak and show himself. `permissions`: what is
    his beyond the role (true), or not though the role has it (false), by capability name.
    """

    kind: CallKind
    role: Role | None = None
    two_party: bool = False
    audio: bool = True
    video: bool = True
    permissions: Mapping[str, bool] = MappingProxyType({})


def decide(standing: Standing) -> Capabilities:
    """What a user may do."""
    return Capabilities("".join(_LETTERS[_reason(standing, name)] for name in NAMES))


def _reason(standing: Standing, name: str) -> Reason:
    in_room = standing.kind is CallKind.ROOM
    if name in _NEVER or (in_room and name in _NEVER_IN_A_ROOM):
        return Reason.NOT_IN_THIS_CALL
    if name in _NOT_YET:
        return Reason.NOT_SUPPORTED
    if (name == UNMUTE_MIC and not standing.audio) or (
        name == TURN_VIDEO_ON and not standing.video
    ):
        return Reason.MEETING_RESTRICTED
    own = standing.permissions.get(name)
    if own is not None:
        return Reason.CAPABLE if own else Reason.ROLE_RESTRICTED
    if in_room and standing.role not in _BY_ROLE[name]:
        return Reason.ROLE_RESTRICTED
    return Reason.CAPABLE
