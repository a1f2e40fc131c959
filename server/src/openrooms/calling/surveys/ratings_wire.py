"""What somebody rates, as clients send it and as it is read: shapes and rules."""

from typing import Annotated, Literal, TypeAlias, get_args

import msgspec
from msgspec import UNSET, Struct, UnsetType

LEAST, MOST = 0, 100

Number: TypeAlias = (
    Annotated[int, msgspec.Meta(ge=LEAST, le=MOST)]
    | Annotated[float, msgspec.Meta(ge=LEAST, le=MOST)]
)
OverallIssue: TypeAlias = Literal[
    "CallCannotJoin",
    "CallCannotInvite",
    "HadToRejoin",
    "CallEndedUnexpectedly",
    "OtherIssues",
]
AudioIssue: TypeAlias = Literal[
    "NoLocalAudio",
    "NoRemoteAudio",
    "Echo",
    "AudioNoise",
    "LowVolume",
    "AudioStoppedUnexpectedly",
    "DistortedSpeech",
    "AudioInterruption",
    "OtherIssues",
]
VideoIssue: TypeAlias = Literal[
    "NoVideoReceived",
    "NoVideoSent",
    "LowQuality",
    "Freezes",
    "StoppedUnexpectedly",
    "DarkVideoReceived",
    "AudioVideoOutOfSync",
    "OtherIssues",
]
ScreenshareIssue: TypeAlias = Literal[
    "NoContentLocal",
    "NoContentRemote",
    "CannotPresent",
    "LowQuality",
    "Freezes",
    "StoppedUnexpectedly",
    "LargeDelay",
    "OtherIssues",
]
# As many as the longest list has.
MOST_ISSUES = max(
    len(get_args(issue)) for issue in (OverallIssue, AudioIssue, VideoIssue, ScreenshareIssue)
)


class Scale(Struct, rename="camel", frozen=True):
    """From which number to which a rating goes, and up to which it is a bad one."""

    lower_bound: Number = 1
    upper_bound: Number = 5
    low_score_threshold: Number = 2

    def __post_init__(self) -> None:
        if not self.lower_bound < self.upper_bound:
            raise ValueError("A scale goes up")
        if not self.lower_bound <= self.low_score_threshold <= self.upper_bound:
            raise ValueError("The threshold of a scale is on it")


class Rating(Struct, rename="camel", frozen=True, kw_only=True):
    """How good something was, on the scale."""

    score: Number
    scale: Scale = Scale()

    def __post_init__(self) -> None:
        if not self.scale.lower_bound <= self.score <= self.scale.upper_bound:
            raise ValueError("The score is not on its scale")


class OverallRating(Rating, frozen=True, kw_only=True):
    """How good the call was as a whole, and what was wrong with it."""

    issues: Annotated[list[OverallIssue], msgspec.Meta(max_length=MOST_ISSUES)] = []


class AudioRating(Rating, frozen=True, kw_only=True):
    """How good the sound was, and what was wrong with it."""

    issues: Annotated[list[AudioIssue], msgspec.Meta(max_length=MOST_ISSUES)] = []


class VideoRating(Rating, frozen=True, kw_only=True):
    """How good the picture was, and what was wrong with it."""

    issues: Annotated[list[VideoIssue], msgspec.Meta(max_length=MOST_ISSUES)] = []


class ScreenshareRating(Rating, frozen=True, kw_only=True):
    """How good a shared screen was, and what was wrong with it."""

    issues: Annotated[list[ScreenshareIssue], msgspec.Meta(max_length=MOST_ISSUES)] = []


class Ratings(Struct, rename="camel", frozen=True, kw_only=True):
    """What somebody thinks of a call. What he says nothing of is left out; not all of it may be."""

    overall_rating: OverallRating | UnsetType = UNSET
    audio_rating: AudioRating | UnsetType = UNSET
    video_rating: VideoRating | UnsetType = UNSET
    screenshare_rating: ScreenshareRating | UnsetType = UNSET

    def __post_init__(self) -> None:
        if all(getattr(self, name) is UNSET for name in Ratings.__struct_fields__):
            raise ValueError("A survey rates something")


def write_ratings(ratings: Ratings) -> str:
    """Ratings as they are kept: JSON."""
    return msgspec.json.encode(ratings).decode()


def read_ratings(text: str) -> Ratings:
    """What `write_ratings` wrote."""
    return msgspec.json.decode(text, type=Ratings)
