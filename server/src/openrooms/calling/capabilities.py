"""What a user may do in a call, by the capability names of the Azure Calling SDK. Values, no I/O.

`decide` is the one place in which it is decided: clients are told what it says, the engine's grants
follow from it, and each operation asks it before it does anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from openrooms.calling.errors import NotPermitted
from openrooms.media.engine import Grants, Source
from openrooms.rooms.model import Role
from openrooms.rooms.settings.model import Overridable


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
ADD_USER = "addCommunicationUser"
REMOVE_PARTICIPANT = "removeParticipant"
MUTE_OTHERS = "muteOthers"
RAISE_HAND = "raiseHand"
SPOTLIGHT = "spotlightParticipant"
END_SPOTLIGHTS = "removeParticipantsSpotlight"
FORBID_AUDIO = "forbidOthersAudio"
FORBID_VIDEO = "forbidOthersVideo"
USE_REACTIONS = "useReactions"
REAL_TIME_TEXT = "realTimeText"
END_FOR_EVERYONE = "hangUpForEveryOne"

_EVERYBODY = frozenset(Role)
_TALKERS = frozenset({Role.PRESENTER, Role.COLLABORATOR, Role.ATTENDEE})
_SHARERS = frozenset({Role.PRESENTER, Role.COLLABORATOR})
_PRESENTERS = frozenset({Role.PRESENTER})
_NOBODY = frozenset[Role]()

# Which roles have in a room what this version can do (docs/agent-socket.md). In calls without roles
# everybody has it.
_BY_ROLE: Mapping[str, frozenset[Role]] = MappingProxyType(
    {
        TURN_VIDEO_ON: _TALKERS,
        UNMUTE_MIC: _TALKERS,
        RAISE_HAND: _TALKERS,
        REAL_TIME_TEXT: _TALKERS,
        SHARE_SCREEN: _SHARERS,
        ADD_USER: _PRESENTERS,
        REMOVE_PARTICIPANT: _PRESENTERS,
        MUTE_OTHERS: _PRESENTERS,
        SPOTLIGHT: _PRESENTERS,
        END_SPOTLIGHTS: _PRESENTERS,
        FORBID_AUDIO: _PRESENTERS,
        FORBID_VIDEO: _PRESENTERS,
        USE_REACTIONS: _EVERYBODY,
        "viewAttendeeNames": _EVERYBODY,
        END_FOR_EVERYONE: _NOBODY,
    }
)
_NEVER = frozenset({"addTeamsUser", "manageLobby", "startTogetherMode", "joinBreakoutRooms"})
_NEVER_IN_A_ROOM = frozenset({END_FOR_EVERYONE})
# Attendees are who is forbidden something, and calls without roles have none.
_IN_A_ROOM_ALONE = frozenset({FORBID_AUDIO, FORBID_VIDEO})
# Hosted service: its SDK refuses these to the two of a 1:1 call.
_NEVER_BETWEEN_TWO = frozenset({MUTE_OTHERS, RAISE_HAND, SPOTLIGHT, END_SPOTLIGHTS, USE_REACTIONS})
# What presenters may do to who comes to a room, unless that is for its roster alone.
_ABOUT_WHO_COMES = frozenset({ADD_USER, REMOVE_PARTICIPANT})
# The service does not do these yet, whatever the role.
_NOT_YET = frozenset(
    {
        "addPhoneNumber",
        "blurBackground",
        "pstnDialOut",
        "setCaptionLanguage",
        "startLiveCallingCaptions",
        "startLiveMeetingCaptions",
    }
)
_OVERRIDABLE = frozenset(one.value for one in Overridable)
NAMES = tuple(sorted({*_BY_ROLE, *_NEVER, *_NOT_YET}))
_PLACES: Mapping[str, int] = MappingProxyType({name: at for at, name in enumerate(NAMES)})

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
        return _REASONS.get(self.letters[_PLACES[name]], Reason.NOT_INITIALIZED)

    def has(self, name: str) -> bool:
        return self.reason(name) is Reason.CAPABLE

    def require(self, name: str) -> None:
        """Raise `NotPermitted` unless the user has `name`."""
        reason = self.reason(name)
        if reason is not Reason.CAPABLE:
            raise NotPermitted(name, applies=reason is not Reason.NOT_IN_THIS_CALL)

    def items(self) -> Sequence[tuple[str, Reason]]:
        """Every name, and why it is there or not."""
        return _items(self)

    @property
    def grants(self) -> Grants:
        """What the engine lets the user do."""
        return _grants(self)


# There are few sorts, and each who joins is told of his.
@lru_cache(maxsize=256)
def _items(capabilities: Capabilities) -> Sequence[tuple[str, Reason]]:
    return tuple((name, capabilities.reason(name)) for name in NAMES)


@lru_cache(maxsize=256)
def _grants(capabilities: Capabilities) -> Grants:
    given = (sources for name, sources in _SOURCES.items() if capabilities.has(name))
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
    `presenters_manage`: whether presenters of rooms may put people out and ring them.
    """

    kind: CallKind
    role: Role | None = None
    two_party: bool = False
    audio: bool = True
    video: bool = True
    permissions: Mapping[str, bool] = MappingProxyType({})
    presenters_manage: bool = True


def decide(standing: Standing) -> Capabilities:
    """What a user may do."""
    never = _never(standing)
    return Capabilities("".join(_LETTERS[_reason(standing, name, never)] for name in NAMES))


def _never(standing: Standing) -> frozenset[str]:
    """What nobody has in such a call."""
    if standing.kind is CallKind.ROOM:
        return (
            _NEVER
            | _NEVER_IN_A_ROOM
            | (frozenset() if standing.presenters_manage else _ABOUT_WHO_COMES)
        )
    return _NEVER | _IN_A_ROOM_ALONE | (_NEVER_BETWEEN_TWO if standing.two_party else frozenset())


def _reason(standing: Standing, name: str, never: frozenset[str]) -> Reason:
    if name in never:
        return Reason.NOT_IN_THIS_CALL
    if name in _NOT_YET:
        return Reason.NOT_SUPPORTED
    if (name == UNMUTE_MIC and not standing.audio) or (
        name == TURN_VIDEO_ON and not standing.video
    ):
        return Reason.MEETING_RESTRICTED
    own = standing.permissions.get(name) if name in _OVERRIDABLE else None
    if own is not None:
        return Reason.CAPABLE if own else Reason.ROLE_RESTRICTED
    if standing.kind is CallKind.ROOM and standing.role not in _BY_ROLE[name]:
        return Reason.ROLE_RESTRICTED
    return Reason.CAPABLE
