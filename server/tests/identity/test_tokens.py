"""User access tokens: what they say, which text they are, and which are refused."""

import base64
import hmac
import json
import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.utils import base64url_decode, base64url_encode

from openrooms.identity.errors import TokenRefused
from openrooms.identity.model import Claims, Scope
from openrooms.identity.tokens import (
    SigningKey,
    Tokens,
    dump_key,
    load_key,
    new_signing_key,
)
from openrooms.kernel.identifiers import CommunicationUser

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ISSUER = "http://localhost:8080"
USER = CommunicationUser(
    "5fa0c7bb-1111-4444-8888-0123456789ab", "00000013-22e9-78c5-88f7-084822008c5e"
)
CLAIMS = Claims(
    user=USER,
    generation=7,
    scopes=(Scope.CHAT, Scope.VOIP),
    issued_at=int(NOW.timestamp()),
    expires_at=int(NOW.timestamp()) + 3600,
    issuer=ISSUER,
)
KEY = new_signing_key()
TOKENS = Tokens([KEY], ISSUER, frozenset())
GOOD = TOKENS.mint(CLAIMS)

guids = st.uuids().map(str)
all_claims = st.builds(
    Claims,
    user=st.builds(CommunicationUser, guids, guids),
    generation=st.integers(1, 10**9),
    scopes=st.lists(st.sampled_from(Scope), min_size=1, unique=True).map(tuple),
    issued_at=st.integers(0, 2**33),
    expires_at=st.integers(0, 2**33),
    # Wilder than any URL we would be reached by.
    issuer=st.text(st.characters(exclude_categories=["Cs"])),
)


def payload_of(token: str) -> dict[str, object]:
    segment = token.split(".")[1]
    decoded: dict[str, object] = json.loads(base64.b64decode(segment + "=" * (-len(segment) % 4)))
    return decoded


def forge(changes: Mapping[str, object], key: SigningKey = KEY) -> str:
    """A token signed with `key` that says what we would never say; None leaves a claim out."""
    payload = payload_of(GOOD) | dict(changes)
    kept = {name: value for name, value in payload.items() if value is not None}
    return jwt.encode(kept, key.private_key, algorithm="ES256", headers={"kid": key.id})


def refused(token: str, now: datetime = NOW) -> str:
    with pytest.raises(TokenRefused) as caught:
        TOKENS.read(token, now)
    return caught.value.reason


# What a token is


@given(all_claims)
def test_the_payload_needs_nothing_but_the_standard_base64_alphabet(claims: Claims) -> None:
    payload = TOKENS.mint(claims).split(".")[1]

    assert set(payload) <= set(string.ascii_letters + string.digits)
    assert payload_of(f".{payload}.")["iss"] == claims.issuer


def test_a_token_says_what_a_client_may_look_for() -> None:
    assert payload_of(GOOD) == {
        "skypeid": f"acs:{USER.resource}_{USER.user}",
        "scp": 1792,
        "csi": str(CLAIMS.issued_at),
        "exp": CLAIMS.expires_at,
        "iat": CLAIMS.issued_at,
        "rgn": "local",
        "acsScope": "chat,voip",
        "resourceId": USER.resource,
        "resourceLocation": "local",
        "iss": ISSUER,
        "gen": 7,
    }


def test_the_claims_stand_in_one_order_without_spaces() -> None:
    segment = GOOD.split(".")[1]

    assert base64.b64decode(segment + "=" * (-len(segment) % 4)).decode() == (
        f'{{"skypeid":"acs:{USER.resource}_{USER.user}","scp":1792,"csi":"{CLAIMS.issued_at}",'
        f'"exp":{CLAIMS.expires_at},"iat":{CLAIMS.issued_at},"rgn":"local",'
        f'"acsScope":"chat,voip","resourceId":"{USER.resource}","resourceLocation":"local",'
        f'"iss":"{ISSUER}","gen":7}}'
    )


def test_every_signature_is_as_long_as_the_curve_says() -> None:
    # In one of 128 a number begins with a zero byte.
    lengths = {len(base64url_decode(TOKENS.mint(CLAIMS).split(".")[2])) for _ in range(1000)}

    assert lengths == {64}


def test_the_header_names_the_key_and_the_algorithm() -> None:
    header = jwt.get_unverified_header(GOOD)

    assert header == {"alg": "ES256", "kid": KEY.id, "typ": "JWT"}
    assert len(KEY.id) == 40
    assert set(KEY.id) <= set("0123456789ABCDEF")


@given(all_claims)
def test_what_was_minted_is_read_again(claims: Claims) -> None:
    claims = claims._replace(issuer=ISSUER, expires_at=claims.issued_at + 86_400)

    assert TOKENS.read(TOKENS.mint(claims), datetime.fromtimestamp(claims.issued_at, UTC)) == claims


def test_a_stored_key_reads_what_it_signed() -> None:
    loaded = load_key(KEY.id, dump_key(KEY))

    assert Tokens([loaded], ISSUER, frozenset()).read(GOOD, NOW) == CLAIMS


def test_a_key_of_another_kind_is_not_loaded() -> None:
    other = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    with pytest.raises(TypeError):
        load_key("A", other)


def test_a_key_never_shows_in_a_log() -> None:
    assert "private" not in repr(KEY)


# Which are good


def test_the_first_key_signs_and_every_key_reads() -> None:
    newer = new_signing_key()

    tokens = Tokens([newer, KEY], ISSUER, frozenset())

    assert jwt.get_unverified_header(tokens.mint(CLAIMS))["kid"] == newer.id
    assert tokens.read(GOOD, NOW) == CLAIMS


def test_a_token_of_a_former_url_stays_good() -> None:
    moved = Tokens([KEY], "https://rooms.example:8443", frozenset({ISSUER}))

    assert moved.read(GOOD, NOW) == CLAIMS


def test_a_token_is_good_until_the_second_of_its_end() -> None:
    end = NOW + timedelta(hours=1)

    assert TOKENS.read(GOOD, end - timedelta(microseconds=1)) == CLAIMS
    assert refused(GOOD, end) == "expired"


# Which are refused


def test_a_token_of_another_issuer_is_refused() -> None:
    assert refused(forge({"iss": "https://elsewhere.example"})) == "unknown issuer"


def test_a_token_signed_with_a_key_we_never_had_is_refused() -> None:
    assert refused(forge({}, new_signing_key())) == "unknown key"


def test_a_token_signed_with_another_key_under_our_name_is_refused() -> None:
    impostor = SigningKey(KEY.id, ec.generate_private_key(ec.SECP256R1()))

    assert refused(forge({}, impostor)) == "InvalidSignatureError"


@pytest.mark.parametrize("key_id", ["../../etc/passwd", "' OR 1=1--", "", KEY.id.lower()])
def test_a_strange_key_id_is_an_unknown_key(key_id: str) -> None:
    assert refused(forge({}, SigningKey(key_id, KEY.private_key))) == "unknown key"


def test_an_unsigned_token_is_refused() -> None:
    unsigned = jwt.encode(payload_of(GOOD), "", algorithm="none", headers={"kid": KEY.id})

    assert refused(unsigned) == "malformed"
    assert refused(unsigned + "AAAA") == "InvalidAlgorithmError"


def test_our_public_key_is_no_shared_secret() -> None:
    public = KEY.private_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = base64url_encode(json.dumps({"alg": "HS256", "kid": KEY.id}).encode()).decode()
    signed = f"{header}.{GOOD.split('.')[1]}"
    digest = hmac.digest(public, signed.encode(), "sha256")

    assert refused(f"{signed}.{base64url_encode(digest).decode()}") == "InvalidAlgorithmError"


@pytest.mark.parametrize("name", ["exp", "iat", "iss", "gen", "skypeid", "acsScope", "resourceId"])
def test_a_token_without_one_of_its_claims_is_refused(name: str) -> None:
    assert refused(forge({name: None})) == "MissingRequiredClaimError"


@pytest.mark.parametrize("value", ["1795343400", True, 1795343400.5, 10**400, [1], {}])
def test_an_end_that_is_no_number_of_seconds_is_refused(value: object) -> None:
    assert refused(forge({"exp": value}))


@pytest.mark.parametrize("value", ["7", True, 7.0])
def test_a_generation_that_is_no_whole_number_is_refused(value: object) -> None:
    assert refused(forge({"gen": value})) == "gen is no whole number"


def test_a_token_that_would_live_longer_than_a_day_is_refused() -> None:
    assert refused(forge({"exp": CLAIMS.issued_at + 86_401})) == "lives too long"


@pytest.mark.parametrize("value", [CLAIMS.issued_at + 86_400, "tomorrow"])
def test_a_token_for_later_is_refused(value: object) -> None:
    assert refused(forge({"nbf": value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"skypeid": "acs:someone"},
        {"skypeid": ["acs"]},
        {"resourceId": "00000000-0000-0000-0000-000000000000"},
    ],
)
def test_a_token_that_names_no_user_of_its_resource_is_refused(changes: dict[str, object]) -> None:
    assert refused(forge(changes)) == "no user of ours"


@pytest.mark.parametrize("value", ["", "admin", "chat,", 7])
def test_a_token_for_a_scope_we_do_not_know_is_refused(value: object) -> None:
    assert refused(forge({"acsScope": value})) == "unknown scope"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "eyJ",
        "a.b",
        "a.b.c.d",
        GOOD + "=",
        GOOD + "\n",
        "\n" + GOOD,
        GOOD.replace(".", ".\n", 1),
        GOOD.replace(".", ". ", 1),
        "e" * 1_000_000,
        GOOD + "é",
    ],
)
def test_text_in_any_other_form_is_refused(token: str) -> None:
    assert refused(token) == "malformed"


def test_a_header_that_is_no_json_is_refused() -> None:
    assert refused("AAAA.AAAA.AAAA") == "DecodeError"


@given(st.data())
def test_one_changed_character_anywhere_spoils_a_token(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(GOOD) - 1))
    letter = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_."))
    token = GOOD[:place] + letter + GOOD[place + 1 :]

    assert token == GOOD or refused(token)
