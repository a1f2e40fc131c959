"""Communication identifiers: the raw ids by which users are named on the wire."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_LOWER_GUID = _GUID.replace("A-F", "")
_USER = re.compile(rf"8:(?:acs|dod-acs|gcch-acs):{_GUID}_{_GUID}\Z")
_OUR_USER = re.compile(rf"8:acs:({_LOWER_GUID})_({_LOWER_GUID})\Z")
_GUID_ONLY = re.compile(rf"{_GUID}\Z")


class CommunicationUser(NamedTuple):
    """A user of a resource; its raw id is `8:acs:{resource}_{user}`, both lower-case GUIDs."""

    resource: str
    user: str

    @property
    def raw_id(self) -> str:
        return f"8:acs:{self.resource}_{self.user}"


def parse_user(raw_id: str) -> CommunicationUser | None:
    """The user of this service that `raw_id` names; None when it names anything else."""
    match = _OUR_USER.match(raw_id)
    return None if match is None else CommunicationUser(*match.groups())


def are_users(raw_ids: Iterable[str]) -> bool:
    """Whether each of the ids has the form of a communication user, of any resource and cloud."""
    return all(map(_USER.match, raw_ids))


def is_guid(text: str) -> bool:
    """Whether `text` is a GUID with hyphens."""
    return _GUID_ONLY.match(text) is not None
