"""What goes on in a call beside media: hands, spotlights, and what attendees may. Values, no I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from openrooms.calling.capabilities import FORBID_AUDIO, FORBID_VIDEO, RAISE_HAND
from openrooms.calling.model import Call, Leg, Member
from openrooms.rooms.model import Role

MOST_SPOTLIGHTS = 7


@dataclass(frozen=True, slots=True)
class Features:
    """What goes on in a call now.

    `hands`, `spotlights`: raw ids in the order in which they came. `audio`, `video`: whether
    attendees may speak and show themselves; `others`: those for whom it is otherwise.
    """

    hands: tuple[str, ...] = ()
    spotlights: tuple[str, ...] = ()
    audio: bool = True
    video: bool = True
    others: tuple[tuple[str, bool, bool], ...] = ()

    def seen_by(self, leg: Leg) -> "Features":
        """As a participant may see it: what single ones are forbidden is for who may change it."""
        capabilities = leg.capabilities
        if capabilities.has(FORBID_AUDIO) or capabilities.has(FORBID_VIDEO):
            return self
        return Features(self.hands, self.spotlights, self.audio, self.video)


def gather(call: Call, members: Mapping[str, Member], legs: Iterable[Leg]) -> Features:
    """What goes on in a call with these live legs."""
    roles = {leg.raw_id: leg.role for leg in legs}
    here = [member for raw_id, member in sorted(members.items()) if raw_id in roles]
    hands = {one.raw_id: one.hand for one in here if one.hand is not None}
    spotlights = {one.raw_id: one.spotlight for one in here if one.spotlight is not None}
    usual = call.attendees_audio, call.attendees_video
    access = {
        one.raw_id: media_access(call, one) for one in here if roles[one.raw_id] is Role.ATTENDEE
    }
    return Features(
        tuple(sorted(hands, key=hands.__getitem__)),
        tuple(sorted(spotlights, key=spotlights.__getitem__)),
        *usual,
        tuple((raw_id, *his) for raw_id, his in access.items() if his != usual),
    )


def left_to(member: Member, leg: Leg) -> Member:
    """What of a member's hand and spotlight his leg may still have."""
    return replace(
        member,
        hand=member.hand if leg.capabilities.has(RAISE_HAND) else None,
        spotlight=None if leg.role is Role.CONSUMER else member.spotlight,
    )


def media_access(call: Call, attendee: Member) -> tuple[bool, bool]:
    """Whether an attendee may speak and show himself: as he was told, or else as all of them."""
    audio = call.attendees_audio if attendee.audio is None else attendee.audio
    video = call.attendees_video if attendee.video is None else attendee.video
    return audio, video
