"""The JSON of what is set for single rooms: bodies to values, values to bodies."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from openrooms.http.bodies import encode_json, parse_json, reason_and_place
from openrooms.http.versions import Versions
from openrooms.rooms.errors import Fault, MalformedRequest
from openrooms.rooms.settings.model import (
    LONGEST_GRACE,
    MOST_PARTICIPANTS,
    AtExpiry,
    Overridable,
    RoomRules,
    RulesChange,
    SettingsWish,
)

VERSIONS = Versions(supported=("v1",), in_path=True)


class RoomSettingsModel(msgspec.Struct, rename="camel"):
    """What is set for a room. Null: as the server has it. `permissions`: by raw id, of who has any."""

    room_id: str
    at_expiry: AtExpiry | None
    grace_minutes: int | None
    participant_limit: int | None
    permissions: dict[str, dict[str, bool]]


class UpdateRoomSettingsRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A merge patch: what is left out stays, null takes away what was set."""

    at_expiry: AtExpiry | UnsetType | None = UNSET
    grace_minutes: Annotated[int, Meta(ge=0, le=LONGEST_GRACE)] | UnsetType | None = UNSET
    participant_limit: Annotated[int, Meta(ge=1, le=MOST_PARTICIPANTS)] | UnsetType | None = UNSET
    # By raw id; then by capability.
    permissions: dict[str, dict[Overridable, bool | None] | None] | UnsetType = UNSET


def read_change(body: bytes) -> RulesChange:
    """What a request asks for."""
    document = parse_json(body)
    try:
        asked = msgspec.convert(document, UpdateRoomSettingsRequest)
    except msgspec.ValidationError as error:
        raise MalformedRequest(Fault(*reason_and_place(error))) from error
    permissions = {} if asked.permissions is UNSET else asked.permissions
    by_name = {
        raw_id: None if own is None else {name.value: given for name, given in own.items()}
        for raw_id, own in permissions.items()
    }
    return RulesChange(_settings(asked), by_name)


def write_rules(room_id: str, rules: RoomRules) -> bytes:
    settings = rules.settings
    permissions = {raw_id: dict(own) for raw_id, own in rules.permissions.items()}
    return encode_json(
        RoomSettingsModel(
            room_id,
            settings.at_expiry,
            settings.grace_minutes,
            settings.participant_limit,
            permissions,
        )
    )


def _settings(asked: UpdateRoomSettingsRequest) -> SettingsWish:
    wish = SettingsWish()
    if asked.at_expiry is not UNSET:
        wish["at_expiry"] = asked.at_expiry
    if asked.grace_minutes is not UNSET:
        wish["grace_minutes"] = asked.grace_minutes
    if asked.participant_limit is not UNSET:
        wish["participant_limit"] = asked.participant_limit
    return wish
