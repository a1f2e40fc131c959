"""What the Identity API says of itself is what it does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.http.held import described, hold, operation, operations_of, taken
from tests.identity.house import STRANGERS, House

from openrooms.http.description import Described
from openrooms.identity import wire
from openrooms.identity.description import description
from openrooms.identity.errors import IdentityError
from openrooms.identity.model import Scope
from openrooms.identity.routes import IdentityRoutes

IDENTITY = description()
VERSIONS = IDENTITY.versions.supported
ISSUE, CREATE, EXCHANGE = (
    operation(IDENTITY, f"CommunicationIdentity_{name}")
    for name in ("IssueAccessToken", "Create", "ExchangeTeamsUserAccessToken")
)
# What no database may hold is refused in any text (bodies).
LETTERS = st.characters(codec="utf-8", exclude_characters="\0")
SOME_TEXT = st.text(LETTERS, max_size=5)
ANYTHING = st.none() | st.booleans() | st.integers() | SOME_TEXT | st.just([1])
SCOPES = st.lists(st.sampled_from([scope.value for scope in Scope]), max_size=6) | ANYTHING
MINUTES = st.integers(50, 1500) | ANYTHING
TEXTS = st.text(LETTERS, min_size=1, max_size=300) | ANYTHING


def is_described(document: object, one: Described, version: str) -> bool:
    return taken(IDENTITY, version, one).is_valid(document)


def is_taken(document: object, one: Described) -> bool:
    read = {ISSUE.id: wire.read_issue, CREATE.id: wire.read_creation}[one.id]
    try:
        read(json.dumps(document).encode())
    except IdentityError:
        return False
    return True


@given(
    st.fixed_dictionaries({}, optional={"scopes": SCOPES, "expiresInMinutes": MINUTES})
    | st.just([]),
    st.sampled_from(VERSIONS),
)
def test_a_token_is_issued_exactly_when_the_description_allows_it(
    document: object, version: str
) -> None:
    assert is_taken(document, ISSUE) == is_described(document, ISSUE, version)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "createTokenWithScopes": SCOPES,
            "expiresInMinutes": MINUTES,
            "customId": TEXTS,
        },
    )
)
def test_an_identity_is_made_exactly_when_the_description_allows_it(document: object) -> None:
    assert is_taken(document, CREATE) == is_described(document, CREATE, "2025-03-02-preview")


@pytest.mark.anyio
async def test_the_description_has_the_operations_of_the_routes(house: House) -> None:
    routes = IdentityRoutes(house.identities)

    # What is refused in every form is not promised.
    offered = tuple(api for api in routes.apis if api.name != "access")
    assert described(IDENTITY) == operations_of(offered)


@pytest.mark.anyio
@pytest.mark.parametrize("version", VERSIONS)
async def test_every_operation_answers_as_described(house: House, version: str) -> None:
    backend, name = house.backend(version), "CommunicationIdentity_"
    sent = {"createTokenWithScopes": ["voip"]}

    created = hold(
        await backend.send("POST", "/identities", sent), IDENTITY, version, name=f"{name}Create"
    )

    one = f"/identities/{created.json()['identity']['id']}"
    steps: list[tuple[str, str, str, object]] = [
        ("IssueAccessToken", "POST", f"{one}/:issueAccessToken", {"scopes": ["chat"]}),
        ("RevokeAccessTokens", "POST", f"{one}/:revokeAccessTokens", None),
        ("Delete", "DELETE", one, None),
        ("IssueAccessToken", "POST", f"{one}/:issueAccessToken", {"scopes": []}),
        ("IssueAccessToken", "POST", f"{one}/:issueAccessToken", {"scopes": ["chat"]}),
    ]
    answers = [
        hold(await backend.send(method, target, body), IDENTITY, version, name=name + operation)
        for operation, method, target, body in steps
    ]
    assert [answer.status_code for answer in answers] == [200, 204, 204, 400, 404]


@pytest.mark.anyio
@pytest.mark.parametrize("version", ["2025-03-02-preview", "2025-06-30"])
async def test_what_is_kept_of_an_identity_is_told_as_described(house: House, version: str) -> None:
    backend = house.backend(version)
    sent = {"customId": "alice", "createTokenWithScopes": ["voip"]}
    created = await backend.send("POST", "/identities", sent)

    answer = await backend.send("GET", f"/identities/{created.json()['identity']['id']}")

    held = hold(answer, IDENTITY, version, name="CommunicationIdentity_Get").json()
    assert (held["customId"], "lastTokenIssuedAt" in held) == ("alice", True)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("sent", "status"),
    [({"token": "t", "appId": "", "userId": "u"}, 400), ({"token": "t", "appId": "a"}, 401)],
)
async def test_an_exchange_is_refused_as_described(house: House, sent: object, status: int) -> None:
    answer = await house.backend("2023-10-01").send("POST", "/teamsUser/:exchangeAccessToken", sent)

    assert hold(answer, IDENTITY, "2023-10-01", name=EXCHANGE.id).status_code == status


@pytest.mark.anyio
async def test_an_identity_of_another_resource_is_refused_as_described(house: House) -> None:
    target = f"/identities/8:acs:{STRANGERS}_{STRANGERS}"

    answer = await house.backend("2023-10-01").send("DELETE", target)

    name = "CommunicationIdentity_Delete"
    assert hold(answer, IDENTITY, "2023-10-01", name=name).status_code == 401
