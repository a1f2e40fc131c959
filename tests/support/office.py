"""The customer's own server: rooms and users by the official SDKs, over TLS, unchanged."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from azure.communication.identity import (
    CommunicationIdentityClient,
    CommunicationTokenScope,
    CommunicationUserIdentifier,
)
from azure.communication.rooms import (
    CommunicationIdentifier,
    ParticipantRole,
    RoomParticipant,
    RoomsClient,
)

from support.secrets import Secrets
from support.server import Ready

PRESENTER = ParticipantRole.PRESENTER
ATTENDEE = ParticipantRole.ATTENDEE
CONSUMER = ParticipantRole.CONSUMER


class Running(Protocol):
    """A server, as far as its customer knows it; and where to note secrets."""

    @property
    def ready(self) -> Ready: ...

    @property
    def secrets(self) -> Secrets: ...


@dataclass(frozen=True, slots=True)
class User:
    """A user of the resource with a token of his."""

    raw_id: str
    token: str

    @property
    def guid(self) -> str:
        """The part of the raw id that is his alone."""
        return self.raw_id.rpartition("_")[2]


class Office:
    """What a clinic's server does with its connection string."""

    def __init__(self, server: Running) -> None:
        self._secrets = server.secrets
        os.environ["REQUESTS_CA_BUNDLE"] = str(server.ready.ca)
        self.connection_string = server.ready.connection_string
        self.rooms = RoomsClient.from_connection_string(self.connection_string)
        self.identities = CommunicationIdentityClient.from_connection_string(self.connection_string)

    def close(self) -> None:
        self.rooms.close()
        # It has no close of its own.
        self.identities._identity_service_client.close()

    def user(self, *, minutes: int | None = None) -> User:
        """A new user with a token; `minutes` is the token's life."""
        lifetime = None if minutes is None else timedelta(minutes=minutes)
        made, token = self.identities.create_user_and_token(
            [CommunicationTokenScope.VOIP], token_expires_in=lifetime
        )
        self._secrets.add("user token", token.token)
        return User(made.properties["id"], token.token)

    def token(self, user: User) -> str:
        """One more token of a user."""
        who = CommunicationUserIdentifier(user.raw_id)
        token = self.identities.get_token(who, [CommunicationTokenScope.VOIP]).token
        self._secrets.add("user token", token)
        return token

    def room(
        self,
        roster: Mapping[User, str | ParticipantRole],
        *,
        valid_from: datetime | None = None,
        valid_until: datetime | None = None,
    ) -> str:
        """A new room; gives its id."""
        people = [_entry(user, role) for user, role in roster.items()]
        made = self.rooms.create_room(
            valid_from=valid_from, valid_until=valid_until, participants=people
        )
        return str(made.id)

    def invite(self, room: str, user: User, role: str | ParticipantRole = ATTENDEE) -> None:
        """Put a user on the roster, or change his role."""
        self.rooms.add_or_update_participants(room_id=room, participants=[_entry(user, role)])

    def expel(self, room: str, user: User) -> None:
        """Take a user off the roster."""
        self.rooms.remove_participants(room_id=room, participants=[identifier(user)])

    def delete(self, room: str) -> None:
        self.rooms.delete_room(room)

    def revoke(self, user: User) -> None:
        """End all tokens that a user has."""
        self.identities.revoke_tokens(CommunicationUserIdentifier(user.raw_id))

    def forget(self, user: User) -> None:
        """Delete a user."""
        self.identities.delete_user(CommunicationUserIdentifier(user.raw_id))


def identifier(user: User) -> CommunicationIdentifier:
    """The user as the Rooms SDK wants him named.

    Each SDK brings an equal type of its own, and apps mix them, as the vendor's samples do.
    """
    who: Any = CommunicationUserIdentifier(user.raw_id)
    named: CommunicationIdentifier = who
    return named


def _entry(user: User, role: str | ParticipantRole) -> RoomParticipant:
    return RoomParticipant(communication_identifier=identifier(user), role=role)
