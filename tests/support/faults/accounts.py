"""What a client was promised of users: that they are there, that their tokens ended, that they are gone."""

import json
import random
from dataclasses import dataclass

import jwt

from support.faults.verdict import Verdict
from support.signed import Ask, Caller, expect

VERSION = "api-version=2023-10-01"
JSON = {"Content-Type": "application/json"}
# Tokens of a new user are of this generation, and each revocation begins another.
FIRST = 1


@dataclass(slots=True)
class User:
    """A user who was made, and what is known of him."""

    id: str
    generation: int = FIRST
    deleted: bool = False
    # Asked for, and not answered: it may hold or not.
    maybe_revoked: bool = False
    maybe_deleted: bool = False


class Accounts:
    """The users that one client made."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._users: list[User] = []

    def act(self, chance: random.Random) -> None:
        """One write: a new user, or the end of one or of his tokens."""
        living = [user for user in self._users if not user.deleted]
        dice = chance.random()
        if dice < 0.4 or not living:
            made = expect(self._caller.call(Ask("POST", f"/identities?{VERSION}")), 201)
            self._users.append(User(str(made.json["identity"]["id"])))
        elif dice < 0.8:
            self._revoke(chance.choice(living))
        else:
            self._delete(chance.choice(living))

    def settle(self, verdict: Verdict) -> None:
        """Hold the server to every promise, and begin anew."""
        for user in self._users:
            self._check(user, verdict)
        self._users.clear()

    def _revoke(self, user: User) -> None:
        user.maybe_revoked = True
        target = f"/identities/{user.id}/:revokeAccessTokens?{VERSION}"
        expect(self._caller.call(Ask("POST", target)), 204)
        user.generation, user.maybe_revoked = user.generation + 1, False

    def _delete(self, user: User) -> None:
        user.maybe_deleted = True
        expect(self._caller.call(Ask("DELETE", f"/identities/{user.id}?{VERSION}")), 204)
        user.deleted, user.maybe_deleted = True, False

    def _check(self, user: User, verdict: Verdict) -> None:
        target = f"/identities/{user.id}/:issueAccessToken?{VERSION}"
        issued = self._caller.call(
            Ask("POST", target, json.dumps({"scopes": ["voip"]}).encode(), JSON)
        )
        if issued.status == 404:
            if not (user.deleted or user.maybe_deleted):
                verdict.lost.append(f"user {user.id}")
            return
        expect(issued, 200)
        if user.deleted:
            verdict.lost.append(f"deletion of {user.id}")
        said = jwt.decode(issued.json["token"], options={"verify_signature": False})
        if said["gen"] not in (user.generation, user.generation + user.maybe_revoked):
            verdict.lost.append(f"a revocation of {user.id}")
