"""The HTTP operations of identities: decode, call, encode. And the public keys, for anyone."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from openrooms.http.bodies import JSON
from openrooms.http.problems import IDENTITY
from openrooms.http.routing import Answer, Api, Incoming, Operation
from openrooms.identity import wire
from openrooms.identity.errors import EntraAccessNotOffered, InvalidAccessToken
from openrooms.identity.service import Identities

PATH = "/identities"
IDENTITY_PATH = f"{PATH}/{{id}}"
ISSUE_PATH = f"{IDENTITY_PATH}/:issueAccessToken"
REVOKE_PATH = f"{IDENTITY_PATH}/:revokeAccessTokens"
EXCHANGE_PATH = "/teamsUser/:exchangeAccessToken"
ASSIGNMENT = "/access/entra/assignments/{objectId}"
TEAMS_ASSIGNMENT = "/access/teamsExtension/tenants/{tenantId}/assignments/{objectId}"
# What version 2025-03-02-preview can do about Entra users.
ENTRA_OPERATIONS = (
    ("POST", "/access/entra/:exchangeAccessToken"),
    ("GET", "/access/entra/assignments"),
    ("PATCH", "/access/entra/assignments"),
    ("GET", ASSIGNMENT),
    ("PUT", ASSIGNMENT),
    ("DELETE", ASSIGNMENT),
    ("POST", "/access/teamsExtension/:exchangeAccessToken"),
    ("GET", TEAMS_ASSIGNMENT),
    ("PUT", TEAMS_ASSIGNMENT),
    ("DELETE", TEAMS_ASSIGNMENT),
)
KEYS_PATH = "/.well-known/jwks.json"


class IdentityRoutes:
    """The operations on identities and their tokens."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities

    @property
    def apis(self) -> tuple[Api, ...]:
        refused = tuple(
            Operation(method, path, self.refuse, since=wire.ENTRA_SINCE, name="RefuseEntraAccess")
            for method, path in ENTRA_OPERATIONS
        )
        return (
            Api("identities", IDENTITY, wire.VERSIONS, self._identity_operations()),
            Api("teamsUser", IDENTITY, wire.VERSIONS, (self._exchange_operation(),)),
            Api("access", IDENTITY, wire.VERSIONS, refused),
        )

    def _identity_operations(self) -> tuple[Operation, ...]:
        return (
            Operation(
                "POST",
                PATH,
                self.create,
                JSON,
                may_be_empty=True,
                name="CreateIdentity",
                quota="identity_creates",
            ),
            Operation(
                "GET", IDENTITY_PATH, self.get, since=wire.CUSTOM_ID_SINCE, name="GetIdentity"
            ),
            Operation(
                "DELETE",
                IDENTITY_PATH,
                self.delete,
                name="DeleteIdentity",
                quota="identity_deletes",
            ),
            Operation(
                "POST", ISSUE_PATH, self.issue, JSON, name="IssueAccessToken", quota="token_issues"
            ),
            Operation(
                "POST", REVOKE_PATH, self.revoke, name="RevokeAccessTokens", quota="token_revokes"
            ),
        )

    def _exchange_operation(self) -> Operation:
        return Operation(
            "POST",
            EXCHANGE_PATH,
            self.exchange,
            JSON,
            since=wire.EXCHANGE_SINCE,
            name="ExchangeTeamsUserToken",
            quota="token_exchanges",
        )

    @property
    def keys(self) -> Route:
        return Route(KEYS_PATH, self.list_keys, methods=["GET"])

    async def create(self, incoming: Incoming) -> Answer:
        new = wire.read_creation(incoming.body)
        user, token = await self._identities.create(
            incoming.resource_id, new.token, custom_id=new.custom_id
        )
        return Answer(201, wire.write_creation(user, token, new.custom_id))

    async def get(self, incoming: Incoming) -> Answer:
        identity = await self._identities.get(incoming.resource_id, incoming.parts["id"])
        return Answer(200, wire.write_identity(identity))

    async def issue(self, incoming: Incoming) -> Answer:
        wish = wire.read_issue(incoming.body)
        token = await self._identities.issue(incoming.resource_id, incoming.parts["id"], wish)
        return Answer(200, wire.write_token(token))

    async def revoke(self, incoming: Incoming) -> Answer:
        await self._identities.revoke(incoming.resource_id, incoming.parts["id"])
        return Answer(204)

    async def delete(self, incoming: Incoming) -> Answer:
        await self._identities.delete(incoming.resource_id, incoming.parts["id"])
        return Answer(204)

    async def exchange(self, incoming: Incoming) -> Answer:
        """Teams users are those of an Entra tenant. None is configured, so no token is good."""
        wire.read_exchange(incoming.body)
        raise InvalidAccessToken

    async def refuse(self, _incoming: Incoming) -> Answer:
        raise EntraAccessNotOffered

    async def list_keys(self, _request: Request) -> Response:
        body = wire.write_keys(self._identities.signing_keys)
        # Short, so that a new key is known soon; long enough to spare us a reader's every check.
        headers = {"Cache-Control": "public, max-age=300"}
        return Response(body, headers=headers, media_type="application/json")
