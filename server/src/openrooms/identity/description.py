"""What the Identity API says of itself.

A file of its own: a description is neither served by an operation nor read from the wire.
"""

from openrooms.http.bodies import JSON
from openrooms.http.description import Described, Description, Node
from openrooms.identity import wire
from openrooms.identity.routes import EXCHANGE_PATH, IDENTITY_PATH, ISSUE_PATH, PATH, REVOKE_PATH


def description() -> Description:
    """The operations on identities and their tokens."""
    return Description(
        name="identity",
        title="Identity",
        says="Users, and the access tokens with which they join calls.",
        versions=wire.VERSIONS,
        parts={"id": "The raw id of the identity."},
        has_details=False,
        adapt=_adapt,
        operations=_OPERATIONS,
    )


def _adapt(version: str, schemas: Node) -> None:
    """Older versions know no ids of the caller's own."""
    if version < wire.CUSTOM_ID_SINCE:
        del schemas[wire.CommunicationIdentityCreateRequest.__name__]["properties"]["customId"]
        identity = schemas[wire.CommunicationIdentity.__name__]["properties"]
        del identity["customId"], identity["lastTokenIssuedAt"]


_OPERATIONS = (
    Described(
        method="POST",
        path=PATH,
        id="CommunicationIdentity_Create",
        says="Create an identity, with a token if scopes are given.",
        status=201,
        takes=wire.CommunicationIdentityCreateRequest,
        media_types=tuple(JSON),
        may_be_empty=True,
        answer=wire.CommunicationIdentityAccessTokenResult,
    ),
    Described(
        method="GET",
        path=IDENTITY_PATH,
        id="CommunicationIdentity_Get",
        says="Read what is kept of an identity.",
        status=200,
        answer=wire.CommunicationIdentity,
        errors=(404,),
        since=wire.CUSTOM_ID_SINCE,
    ),
    Described(
        method="DELETE",
        path=IDENTITY_PATH,
        id="CommunicationIdentity_Delete",
        says="Delete an identity, and end its tokens and calls. Once more changes nothing.",
        status=204,
    ),
    Described(
        method="POST",
        path=REVOKE_PATH,
        id="CommunicationIdentity_RevokeAccessTokens",
        says="End all tokens of an identity, and the calls that it is in.",
        status=204,
        errors=(404,),
    ),
    Described(
        method="POST",
        path=ISSUE_PATH,
        id="CommunicationIdentity_IssueAccessToken",
        says="Issue a token for an identity.",
        status=200,
        takes=wire.CommunicationIdentityAccessTokenRequest,
        media_types=tuple(JSON),
        answer=wire.CommunicationIdentityAccessToken,
        errors=(404,),
    ),
    Described(
        method="POST",
        path=EXCHANGE_PATH,
        id="CommunicationIdentity_ExchangeTeamsUserAccessToken",
        says="Exchange a Teams user's token. No tenant can be configured, so each is refused.",
        status=200,
        takes=wire.TeamsUserExchangeTokenRequest,
        media_types=tuple(JSON),
        answer=wire.CommunicationIdentityAccessToken,
        since=wire.EXCHANGE_SINCE,
    ),
)
