"""What clients tell each other of their network and their devices (docs/agent-socket.md)."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, TypeAlias, get_args

import msgspec
from msgspec import Struct

from openrooms.calling.event_wire import Event
from openrooms.calling.model import Leg

Quality: TypeAlias = Literal["networkReceiveQuality", "networkReconnect", "networkSendQuality"]
# Not among them: that somebody speaks while he is muted. That is for himself alone.
Flag: TypeAlias = Literal[
    "cameraFreeze",
    "cameraPermissionDenied",
    "cameraStartFailed",
    "cameraStartTimedOut",
    "cameraStoppedUnexpectedly",
    "capturerStartFailed",
    "capturerStoppedUnexpectedly",
    "microphoneMuteUnexpectedly",
    "microphoneNotFunctioning",
    "microphoneNotMuteButSilent",
    "microphonePermissionDenied",
    "networkRelaysNotReachable",
    "noMicrophoneDevicesEnumerated",
    "noNetwork",
    "noSpeakerDevicesEnumerated",
    "screenshareRecordingDisabled",
    "speakerBusy",
    "speakerMuted",
    "speakerNotFunctioning",
    "speakerVolumeZero",
]
QUALITIES: frozenset[str] = frozenset(get_args(Quality))
FLAGS: frozenset[str] = frozenset(get_args(Flag))


class Diagnosis(Struct, frozen=True):
    """One diagnostic and how it is now: a quality from 1 (good) to 3 (bad), or a flag."""

    diagnostic: Quality | Flag
    value: bool | Literal[1, 2, 3]

    def __post_init__(self) -> None:
        if isinstance(self.value, bool) != (self.diagnostic in FLAGS):
            kind = "true or false" if self.diagnostic in FLAGS else "1, 2 or 3"
            raise ValueError(f"The value of {self.diagnostic} is {kind}")


Diagnoses: TypeAlias = Annotated[
    list[Diagnosis], msgspec.Meta(min_length=1, max_length=len(QUALITIES | FLAGS))
]


class Diagnostics(Event, kw_only=True):
    """How the network and the devices of another leg are now, as far as it tells."""

    name: ClassVar[str] = "diagnostics"
    call_id: str
    participant_id: str
    raw_id: str
    diagnostics: list[Diagnosis]


def diagnostics(leg: Leg, diagnoses: Sequence[Diagnosis]) -> Diagnostics:
    """What the others are told of a leg."""
    return Diagnostics(
        call_id=leg.call_id, participant_id=leg.id, raw_id=leg.raw_id, diagnostics=[*diagnoses]
    )
