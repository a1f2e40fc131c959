"""Which version of an API a request asks for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openrooms.http.errors import VersionAmbiguous, VersionMissing

# The Python Rooms clients, on Python 3.11 and later, ask for their second page with the name
# of an enum member.
_ENUM_NAME = re.compile(r"apiversion\.v([0-9]{4})_([0-9]{2})_([0-9]{2})(_preview)?\Z")


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of one API: those it serves, and other names for some of them.

    `in_path`: its paths name the version, and no request asks for one.
    """

    supported: tuple[str, ...]
    deprecated: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    in_path: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """What every answer says of them."""
        told = {"api-supported-versions": ", ".join(self.supported)}
        if self.deprecated:
            told["api-deprecated-versions"] = ", ".join(self.deprecated)
        return told

    def choose(self, asked: Sequence[str]) -> str | None:
        """The one supported version among the values of `api-version`; None of any other."""
        if len(asked) == 1 and asked[0] in self.supported:
            # As nearly everybody writes it.
            return asked[0]
        if self.in_path:
            return self.supported[-1]
        if not asked:
            raise VersionMissing
        if len(set(asked)) > 1:
            raise VersionAmbiguous
        version = parse_version(asked[0])
        if not version:
            raise VersionMissing
        version = self.aliases.get(version, version)
        return version if version in self.supported else None


def parse_version(text: str) -> str:
    """A version in its plain form, in lower case."""
    lowered = text.lower()
    match = _ENUM_NAME.match(lowered)
    if match is None:
        return lowered
    year, month, day, preview = match.groups(default="")
    return f"{year}-{month}-{day}{preview.replace('_', '-')}"
