"""What clients are told of hands, spotlights and media access (docs/agent-socket.md)."""

from msgspec import Struct

from openrooms.calling.features import Features


class MediaAccessOf(Struct, rename="camel", frozen=True):
    """An attendee for whom something else holds than for all."""

    raw_id: str
    audio: bool
    video: bool


class MediaAccessView(Struct, rename="camel", frozen=True):
    """Whether attendees may speak and show themselves. `others`: for whom it is otherwise."""

    audio: bool
    video: bool
    others: list[MediaAccessOf]


class FeaturesView(Struct, rename="camel", frozen=True):
    """Raw ids of raised hands and of spotlights, in their order; and media access."""

    hands: list[str]
    spotlights: list[str]
    media_access: MediaAccessView


def view_of_features(features: Features) -> FeaturesView:
    others = [MediaAccessOf(*one) for one in features.others]
    access = MediaAccessView(features.audio, features.video, others)
    return FeaturesView([*features.hands], [*features.spotlights], access)
