"""What is made at the first start and found again at every other: resource, keys, issuers."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.clock import HandClock
from tests.identity.house import START, STRANGERS, House

from openrooms.identity.model import Claims, Scope
from openrooms.identity.resources import connection_string, open_resources
from openrooms.identity.service import open_tokens
from openrooms.identity.tokens import Tokens
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.storage.database import Connection, Database
from openrooms.storage.secrets import Vault, open_vault

pytestmark = pytest.mark.anyio

GUID = "5fa0c7bb-1111-4444-8888-0123456789ab"
NOW = HandClock(START)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return open_vault(tmp_path)


def stored(connection: Connection) -> list[bytes]:
    """Every secret that stands in a table."""
    rows = connection.execute(
        text(
            "SELECT primary_key FROM resource UNION ALL SELECT secondary_key FROM resource "
            "UNION ALL SELECT private_key FROM signing_key"
        )
    )
    return list(rows.scalars())


def token_of(tokens: Tokens) -> str:
    now = int(START.timestamp())
    user = CommunicationUser(GUID, GUID)
    claims = Claims(
        user, 1, (Scope.VOIP,), issued_at=now, expires_at=now + 60, issuer=tokens.issuer
    )
    return tokens.mint(claims)


async def test_the_first_start_makes_one_resource_with_two_keys(
    database: Database, vault: Vault
) -> None:
    first = (await open_resources(database, vault, NOW)).first

    assert first.name == "default"
    assert [len(key) for key in first.access_keys] == [32, 32]
    assert first.primary_key != first.secondary_key


async def test_every_later_start_finds_the_same_resource(database: Database, vault: Vault) -> None:
    made = await open_resources(database, vault, NOW)

    found = await open_resources(database, vault, NOW)

    assert found.first == made.first


async def test_the_only_resource_is_reached_under_every_name(
    database: Database, vault: Vault
) -> None:
    resources = await open_resources(database, vault, NOW)

    assert resources.serving("localhost") == (resources.first,)
    assert resources.serving("rooms.example") == (resources.first,)


async def test_of_resources_without_a_name_each_may_be_meant(house: House) -> None:
    both = await open_resources(house.database, house.vault, NOW)

    assert {one.id for one in both.serving("localhost")} == {house.resource_id, STRANGERS}


async def test_a_connection_string_has_exactly_two_parts(database: Database, vault: Vault) -> None:
    first = (await open_resources(database, vault, NOW)).first

    said = connection_string("https://localhost:8443/", first.primary_key)

    assert re.fullmatch(r"endpoint=https://localhost:8443/;accesskey=[A-Za-z0-9+/]{43}=", said)


async def test_secrets_are_encrypted_where_they_are_stored(
    database: Database, vault: Vault
) -> None:
    resource = (await open_resources(database, vault, NOW)).first
    await open_tokens(database, vault, NOW, issuer="http://localhost:8080")

    sealed = await database.read(stored)

    opened = [vault.decrypt(secret) for secret in sealed]
    assert len(sealed) == 3
    assert set(resource.access_keys) < set(opened)
    assert not set(sealed) & set(opened)


async def test_a_token_stays_good_over_restarts_and_a_change_of_url(
    database: Database, vault: Vault
) -> None:
    before = await open_tokens(database, vault, NOW, issuer="http://localhost:8080")
    token = token_of(before)

    after = await open_tokens(database, vault, NOW, issuer="https://rooms.example:8443")
    again = await open_tokens(database, vault, NOW, issuer="https://rooms.example:8443")

    assert after.read(token, START) == again.read(token, START)
    assert [key.id for key in again.keys] == [key.id for key in before.keys]
