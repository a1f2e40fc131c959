"""What a caller's app gives its call to take along, for the apps of those who are called."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Struct, UnsetType

LONGEST_TEXT = 1024
LONGEST_KEY = 64
LONGEST_SIP_VALUE = 256
MOST_SIP_HEADERS = 5
MOST_VOIP_HEADERS = 50


class SipHeader(Struct, frozen=True):
    """A header as telephones have it."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_KEY)]
    value: Annotated[str, msgspec.Meta(max_length=LONGEST_SIP_VALUE)]


class VoipHeader(Struct, frozen=True):
    """A header between apps."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_KEY)]
    value: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]


class CustomContext(Struct, frozen=True, rename="camel"):
    """Means nothing to us; kept with the call until that ends."""

    user_to_user: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] | UnsetType = UNSET
    sip_headers: (
        Annotated[list[SipHeader], msgspec.Meta(max_length=MOST_SIP_HEADERS)] | UnsetType
    ) = UNSET
    voip_headers: (
        Annotated[list[VoipHeader], msgspec.Meta(max_length=MOST_VOIP_HEADERS)] | UnsetType
    ) = UNSET


_decoder = msgspec.json.Decoder(CustomContext)


def write(context: CustomContext | None) -> str | None:
    """As it is stored."""
    return None if context is None else msgspec.json.encode(context).decode()


def read(stored: str | None) -> CustomContext | UnsetType:
    """As it is told."""
    return UNSET if stored is None else _decoder.decode(stored)
