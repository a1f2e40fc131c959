"""What may be set for one room, and for one participant of it. Values and rules, no I/O."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, TypeAlias, TypedDict

from openrooms.rooms.model import Role
from openrooms.rooms.settings.errors import NotOnTheRoster

LONGEST_GRACE = 24 * 60
MOST_PARTICIPANTS = 350


class Overridable(StrEnum):
    """Capabilities that a participant may be given beyond his role, or denied: names of the SDK."""

    ADD_COMMUNICATION_USER = "addCommunicationUser"
    FORBID_OTHERS_AUDIO = "forbidOthersAudio"
    FORBID_OTHERS_VIDEO = "forbidOthersVideo"
    MUTE_OTHERS = "muteOthers"
    RAISE_HAND = "raiseHand"
    REMOVE_PARTICIPANT = "removeParticipant"
    REMOVE_PARTICIPANTS_SPOTLIGHT = "removeParticipantsSpotlight"
    SHARE_SCREEN = "shareScreen"
    SPOTLIGHT_PARTICIPANT = "spotlightParticipant"
    TURN_VIDEO_ON = "turnVideoOn"
    UNMUTE_MIC = "unmuteMic"
    USE_REACTIONS = "useReactions"


Permissions: TypeAlias = Mapping[str, bool]
NO_PERMISSIONS: Permissions = MappingProxyType({})


class AtExpiry(StrEnum):
    """What becomes of a call that runs when its room's window is over."""

    STAY = "stay"
    END = "end"


class RoomSettings(NamedTuple):
    """What is set for one room. None: as the server has it."""

    at_expiry: AtExpiry | None = None
    grace_minutes: int | None = None
    participant_limit: int | None = None

    def seats(self, most: int) -> int:
        """How many may be in the room's call, where the server lets `most` be in one."""
        return most if self.participant_limit is None else min(most, self.participant_limit)


class Invited(NamedTuple):
    """One participant as a call sees him. `permissions`: beyond the role, or less than it."""

    role: Role
    permissions: Permissions = NO_PERMISSIONS


class RoomRules(NamedTuple):
    """All that is set for one room. `permissions`: by raw id, of those who have any."""

    settings: RoomSettings = RoomSettings()
    permissions: Mapping[str, Permissions] = MappingProxyType({})


class SettingsWish(TypedDict, total=False):
    """Some of `RoomSettings`; what is left out stays."""

    at_expiry: AtExpiry | None
    grace_minutes: int | None
    participant_limit: int | None


class RulesChange(NamedTuple):
    """What a caller asks for.

    `permissions`: by raw id, None to take all of them away; by capability, None to take one away.
    """

    settings: SettingsWish
    permissions: Mapping[str, Mapping[str, bool | None] | None] = MappingProxyType({})


def change_permissions(
    roster: Mapping[str, Invited], change: RulesChange
) -> dict[str, Permissions]:
    """The new permissions of everyone for whom they change. Raises `NotOnTheRoster`."""
    changed: dict[str, Permissions] = {}
    for raw_id, wished in change.permissions.items():
        invited = roster.get(raw_id)
        if invited is None and wished is not None:
            raise NotOnTheRoster(raw_id)
        stored = NO_PERMISSIONS if invited is None else invited.permissions
        new = NO_PERMISSIONS if wished is None else merge_permissions(stored, wished)
        if new != stored:
            changed[raw_id] = new
    return changed


def merge_permissions(stored: Permissions, wished: Mapping[str, bool | None]) -> Permissions:
    """The permissions with the wished ones in their place; None takes one away."""
    merged = {**stored, **wished}
    return {name: given for name, given in sorted(merged.items()) if given is not None}
