"""The commands on the keys that user access tokens are signed with. No answer holds a private key."""

from collections.abc import Mapping
from dataclasses import dataclass

from openrooms.control.messages import Command, Facts, flag, text
from openrooms.identity.signing_keys import KeptKey, SigningKeys


@dataclass(frozen=True, slots=True)
class SigningKeyCommands:
    """What an operator can do with signing keys."""

    signing_keys: SigningKeys

    @property
    def commands(self) -> Mapping[str, Command]:
        return {
            "signing-key.list": self.list,
            "signing-key.rotate": self.rotate,
            "signing-key.retire": self.retire,
        }

    async def list(self, _arguments: Facts) -> Facts:
        return {"keys": [_tell(one) for one in await self.signing_keys.all()]}

    async def rotate(self, _arguments: Facts) -> Facts:
        return {"keys": [_tell(one) for one in await self.signing_keys.rotate()]}

    async def retire(self, arguments: Facts) -> Facts:
        key_id, force = text(arguments, "id"), flag(arguments, "force")
        return {"keys": [_tell(one) for one in await self.signing_keys.retire(key_id, force=force)]}


def _tell(key: KeptKey) -> dict[str, object]:
    until = key.good_until
    return {
        "id": key.id,
        "createdAt": key.created_at.isoformat(timespec="seconds"),
        "signs": until is None,
        "verifiesUntil": None if until is None else until.isoformat(timespec="seconds"),
    }
