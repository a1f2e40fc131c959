"""Signing keys are replaced and dropped, and nobody is logged out who need not be."""

from dataclasses import dataclass
from datetime import timedelta

import jwt
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs
from tests.identity.house import ISSUER, House

from openrooms.identity import signing_keys
from openrooms.identity.errors import KeyInUse, KeySigns, NoSuchKey, TokenRefused, UnknownKey
from openrooms.identity.model import Scope, TokenWish
from openrooms.identity.service import Identities, open_tokens
from openrooms.identity.signing_keys import KEPT, SigningKeys
from openrooms.identity.tokens import new_signing_key
from openrooms.storage.database import Connection

pytestmark = pytest.mark.anyio

DAY = TokenWish((Scope.VOIP,), timedelta(hours=24))


@dataclass
class Ticks:
    """A monotonic clock that stands still until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Process:
    """Another process of the same database."""

    identities: Identities
    keys: SigningKeys
    ticks: Ticks


async def another(house: House) -> Process:
    tokens = await open_tokens(house.database, house.vault, house.clock, issuer=ISSUER)
    ticks = Ticks()
    keys = SigningKeys(house.database, house.vault, house.clock, tokens=tokens, now=ticks)
    return Process(
        Identities(house.database, house.clock, tokens, refresh=keys.refresh), keys, ticks
    )


async def token(house: House) -> str:
    _, made = await house.identities.create(house.resource_id, DAY)
    assert made is not None
    return made.token


async def is_good(identities: Identities, of: str) -> bool:
    """Whether the token is let in."""
    return (await identities.verify(of)).generation == 1


def kid(of: str) -> str:
    return str(jwt.get_unverified_header(of)["kid"])


async def published(house: House) -> list[str]:
    answer = await house.client.get("/.well-known/jwks.json")
    return [key["kid"] for key in answer.json()["keys"]]


async def test_a_new_key_signs_at_once_and_the_old_one_verifies_on(house: House) -> None:
    before = await token(house)

    kept = await house.signing_keys.rotate()
    after = await token(house)

    assert [kid(after), kid(before)] == [one.id for one in kept]
    assert [one.good_until for one in kept] == [None, house.clock() + KEPT]
    assert await is_good(house.identities, before)
    assert await is_good(house.identities, after)
    assert await published(house) == [kid(after), kid(before)]


async def test_tokens_of_the_old_key_are_good_to_their_last_second(house: House) -> None:
    before = await token(house)
    await house.signing_keys.rotate()

    house.clock.advance(hours=23, minutes=59, seconds=59)
    await house.signing_keys.drop_ended()

    assert await is_good(house.identities, before)


async def test_a_key_is_dropped_when_its_last_token_has_ended(house: House) -> None:
    first = kid(await token(house))
    await house.signing_keys.rotate()
    house.clock.advance(hours=24, minutes=10)

    await house.signing_keys.drop_ended()
    await house.signing_keys.drop_ended()

    assert first not in await published(house)
    assert len(await published(house)) == 1


async def test_a_key_whose_tokens_are_good_is_kept_unless_forced(house: House) -> None:
    before = await token(house)
    await house.signing_keys.rotate()

    with pytest.raises(KeyInUse, match="--force"):
        await house.signing_keys.retire(kid(before))
    assert await is_good(house.identities, before)

    await house.signing_keys.retire(kid(before), force=True)
    with pytest.raises(TokenRefused):
        await house.identities.verify(before)
    assert kid(before) not in await published(house)


async def test_a_key_is_retired_without_force_when_its_tokens_have_ended(house: House) -> None:
    before = await token(house)
    await house.signing_keys.rotate()
    house.clock.advance(hours=24, minutes=10)

    (left,) = await house.signing_keys.retire(kid(before))

    assert left.id != kid(before)


async def test_the_key_that_signs_stays(house: House) -> None:
    with pytest.raises(KeySigns, match="signing-key rotate"):
        await house.signing_keys.retire(kid(await token(house)), force=True)
    with pytest.raises(NoSuchKey, match="signing-key list"):
        await house.signing_keys.retire("0" * 40)

    assert len(await house.signing_keys.all()) == 1


async def test_another_process_knows_a_new_key_when_it_meets_it(house: House) -> None:
    other = await another(house)
    await house.signing_keys.rotate()

    assert await is_good(other.identities, await token(house))


async def test_tokens_of_unknown_keys_make_it_look_once_a_second(house: House) -> None:
    other = await another(house)
    forged = jwt.encode({}, new_signing_key().private_key, "ES256", headers={"kid": "0" * 40})

    with pytest.raises(UnknownKey):
        await other.identities.verify(forged)
    await house.signing_keys.rotate()
    unseen = await token(house)
    with pytest.raises(UnknownKey):
        await other.identities.verify(unseen)
    other.ticks.now += signing_keys.REFRESH_SECONDS

    assert await is_good(other.identities, unseen)


async def test_another_process_takes_over_what_was_changed(house: House) -> None:
    before = await token(house)
    other = await another(house)
    await house.signing_keys.rotate()
    await house.signing_keys.retire(kid(before), force=True)

    await other.keys.read()

    with pytest.raises(UnknownKey):
        await other.identities.verify(before)


async def test_a_command_without_tokens_changes_the_database_alone(house: House) -> None:
    keys = SigningKeys(house.database, house.vault, house.clock)

    await keys.rotate()

    assert len(await keys.all()) == 2
    assert len(await published(house)) == 1


async def test_private_keys_are_encrypted_and_in_no_log(house: House) -> None:
    with capture_logs() as logs:
        kept = await house.signing_keys.rotate()
        await house.signing_keys.retire(kept[1].id, force=True)

    def sealed(connection: Connection) -> list[bytes]:
        return list(connection.execute(text("SELECT private_key FROM signing_key")).scalars())

    (key,) = await house.database.read(sealed)
    opened = house.vault.decrypt(key)
    assert opened not in key
    assert [entry["event"] for entry in logs] == ["signing_key_rotated", "signing_key_retired"]
    assert "PRIVATE" not in repr(logs)
