"""What can be wrong with an identity request or an access token.

IdentityError
    Denied                  401, an identity of another resource
    IdentityNotFound        404
    InvalidRequest          400
        InvalidIdentity
        InvalidScopes
        InvalidExpiry
        InvalidCustomId
        Unreadable          of another shape than the operation reads
            ScopesRequired
            AppIdRequired
    InvalidAccessToken      401, a token of a Teams user that is not good here
    EntraAccessNotOffered   403
    TokenRefused            401, an access token that is not, or no longer, good
        UnknownKey

OperatorRefused             what an operator asked for; the message says why, and what to do
    InvalidName
    InvalidHostName
    NameTaken
    HostNameTaken
    TooManyUnnamed
    NoSuchResource
    WhichResource
    HasRooms
    LastResource
    NoSuchKey
    KeyInUse
    KeySigns
"""


class IdentityError(Exception):
    """Anything wrong with an identity request or an access token."""

    status = 400
    code = "ValidationError"
    message = ""
    target: str | None = None
    # Found while the body was read, before the operation itself.
    unbound = False


class Denied(IdentityError):
    """The identity is of another resource."""

    status = 401
    code = "Denied"
    message = "Denied by the resource provider."


class IdentityNotFound(IdentityError):
    """The resource has no such identity, or had it."""

    status = 404
    code = "NotFound"
    message = "The identity does not exist."


class InvalidRequest(IdentityError):
    """The request does not say what it should."""

    def __init__(self, message: str = "", target: str | None = None) -> None:
        super().__init__(message)
        self.message = message or self.message
        self.target = target or self.target


class InvalidIdentity(InvalidRequest):
    """The text is no identity of a communication user."""

    message = "Provided identity has invalid format."
    target = "Id"


class InvalidScopes(InvalidRequest):
    """A scope that we do not know, or more of them than there are."""

    message = (
        "Scopes: Each scope must be one of chat, voip, chat.join, chat.join.limited, voip.join."
    )
    target = "Scopes"


class InvalidExpiry(InvalidRequest):
    """A token would live too short or too long."""

    target = "ExpiresInMinutes"

    def __init__(self, minutes: int, shortest: int, longest: int) -> None:
        super().__init__(
            f"ExpiresInMinutes value {minutes} is invalid. "
            f"Value must be within the [{shortest}, {longest}] interval."
        )


class InvalidCustomId(InvalidRequest):
    """A custom id is empty, or too long."""

    target = "CustomId"

    def __init__(self, longest: int) -> None:
        super().__init__(f"CustomId: The value must have 1 to {longest} characters.")


class Unreadable(InvalidRequest):
    """A member is missing or of the wrong kind."""

    unbound = True


class ScopesRequired(Unreadable):
    """A token must be for something."""

    message = "Scopes: The Scopes field is required."
    target = "Scopes"


class AppIdRequired(Unreadable):
    """A Teams user's token must be told with the application it was made for."""

    message = "AppId: The AppId field is required."
    target = "AppId"


class InvalidAccessToken(IdentityError):
    """The token is not one of a Teams user who may come in here."""

    status = 401
    code = "InvalidAccessToken"
    message = "Provided access token is not valid."


class EntraAccessNotOffered(IdentityError):
    """Entra users cannot be let in by themselves."""

    status = 403
    code = "Forbidden"
    message = (
        "Access with Entra tokens is not offered by this server. Create an identity with "
        "POST /identities, and issue its tokens with POST /identities/{id}/:issueAccessToken."
    )


class TokenRefused(IdentityError):
    """An access token that is not, or no longer, good. The reason is for the log, never sent."""

    status = 401
    code = "Denied"
    message = "The access token is not valid."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownKey(TokenRefused):
    """Signed with a key that is not ours, not any longer, or that another process has just made."""

    def __init__(self) -> None:
        super().__init__("unknown key")


class OperatorRefused(Exception):
    """What an operator asked for cannot be done. The message says why, and what to do."""


class InvalidName(OperatorRefused):
    """The text is no name of a resource."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Resource name {name[:80]!r}: not possible. "
            "Give 1 to 63 lower-case letters, digits and hyphens, no hyphen at either end."
        )


class InvalidHostName(OperatorRefused):
    """The text is no host name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Host name {name[:80]!r}: not possible. "
            "Give a DNS name or an IP address, without scheme, port and path."
        )


class NameTaken(OperatorRefused):
    """Another resource has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Resource {name}: there is one of this name. Choose another name.")


class HostNameTaken(OperatorRefused):
    """Another resource is reached under the host name."""

    def __init__(self, host: str, owner: str) -> None:
        super().__init__(
            f"Host name {host}: resource {owner} is reached under it. Choose another host name."
        )


class TooManyUnnamed(OperatorRefused):
    """Resources without a host name are told apart by trying their keys, so they are few."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"Resources without a host name: there are {most}, and no more are possible. "
            "Give this one a name of its own with --host."
        )


class NoSuchResource(OperatorRefused):
    """There is no resource of this name or id."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Resource {name[:80]!r}: not there. `openrooms resource list` shows those there are."
        )


class WhichResource(OperatorRefused):
    """There are several resources and none was named."""

    def __init__(self) -> None:
        super().__init__("There are several resources. Name one of `openrooms resource list`.")


class HasRooms(OperatorRefused):
    """A resource with rooms is deleted only when it is asked for twice."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Resource {name}: it has rooms. Delete them first, or delete all of it with --force."
        )


class LastResource(OperatorRefused):
    """A server without any resource serves nobody."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Resource {name}: it is the only one. Create another before you delete it."
        )


class NoSuchKey(OperatorRefused):
    """There is no signing key of this id."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"Signing key {key_id[:80]!r}: not there. "
            "`openrooms signing-key list` shows those there are."
        )


class KeyInUse(OperatorRefused):
    """Tokens that the key has signed are still good."""

    def __init__(self, key_id: str, until: str) -> None:
        super().__init__(
            f"Signing key {key_id}: tokens that it has signed are good until {until}. Wait for it, "
            "or log out their holders with --force."
        )


class KeySigns(OperatorRefused):
    """The key signs new tokens."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"Signing key {key_id}: it signs new tokens. "
            "Make another first: openrooms signing-key rotate"
        )
