"""The issuer's keys come from its own documents alone, are kept while it is away, and asked for rarely."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from support.issuing import EC_KEY, OTHER_RSA_KEY, RSA_KEY, Issuing, issuing, jwk

from openrooms.http.certificates import ensure_certificates
from openrooms.http.issuers import (
    LARGEST_DOCUMENT,
    Issuer,
    IssuerAway,
    IssuerUnusable,
    Pace,
    open_trust,
    read_keys,
)
from openrooms.kernel.clock import system_clock

pytestmark = pytest.mark.anyio

DOCUMENT, KEYS = "/realm/.well-known/openid-configuration", "/realm/keys"
PACE = Pace(renew=3600, pause=10, deadline=2)
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - to be refused
BIG = ec.generate_private_key(ec.SECP384R1())


@dataclass
class Ticks:
    """A monotonic clock that stands still until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def remote() -> Iterator[Issuing]:
    with issuing() as running:
        yield running


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def issuer(remote: Issuing, ticks: Ticks) -> Issuer:
    return Issuer(remote.name, pace=PACE, now=ticks)


async def test_keys_are_found_by_the_issuers_documents(issuer: Issuer, remote: Issuing) -> None:
    found = await issuer.key("rsa")

    assert found is not None
    assert found.key == RSA_KEY.public_key()
    assert found.algorithms == {"RS256", "PS256"}
    assert remote.asked == [DOCUMENT, KEYS]


async def test_they_are_asked_for_once(issuer: Issuer, remote: Issuing) -> None:
    await asyncio.gather(*(issuer.key(name) for name in ["rsa", "ec", "rsa", "ec"]))

    assert remote.asked == [DOCUMENT, KEYS]


async def test_an_unknown_key_is_looked_for_once_in_a_while(
    issuer: Issuer, remote: Issuing, ticks: Ticks
) -> None:
    await issuer.key("rsa")
    remote.keys.append(jwk(OTHER_RSA_KEY, "new"))

    for number in range(5):
        assert await issuer.key(f"unknown{number}") is None
    assert len(remote.asked) == 2
    ticks.now += PACE.pause

    assert await issuer.key("new") is not None
    assert len(remote.asked) == 4


async def test_keys_are_renewed_and_those_that_are_gone_are_forgotten(
    issuer: Issuer, remote: Issuing, ticks: Ticks
) -> None:
    await issuer.key("rsa")
    remote.keys = [jwk(EC_KEY, "ec")]
    assert await issuer.key("rsa") is not None

    ticks.now += PACE.renew

    assert await issuer.key("rsa") is None
    assert await issuer.key("ec") is not None


async def test_while_the_issuer_is_away_its_last_keys_are_good(
    issuer: Issuer, remote: Issuing, ticks: Ticks
) -> None:
    await issuer.key("rsa")
    remote.instead[DOCUMENT] = (500, b"")
    ticks.now += PACE.renew

    assert await issuer.key("rsa") is not None
    assert await issuer.key("rsa") is not None
    assert remote.asked.count(DOCUMENT) == 2


async def test_renewing_keeps_only_one_caller_waiting(
    issuer: Issuer, remote: Issuing, ticks: Ticks
) -> None:
    await issuer.key("rsa")
    ticks.now += PACE.renew
    remote.answering.clear()

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(issuer.key("rsa"))
        await asyncio.sleep(0)
        assert await issuer.key("rsa") is not None
        assert not first.done()
        remote.answering.set()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (DOCUMENT, (500, b"")),
        (DOCUMENT, (302, b"")),
        (DOCUMENT, (200, b"<html>")),
        (DOCUMENT, (200, b"[1]")),
        (DOCUMENT, (200, b"[" * 100_000)),
        (DOCUMENT, (200, b" " * (LARGEST_DOCUMENT + 1))),
        (KEYS, (404, b"")),
        (KEYS, (200, b"{}")),
        (KEYS, (200, b'{"keys": {}}')),
        (KEYS, (200, b'{"keys": []}')),
    ],
)
async def test_documents_that_make_no_sense_are_none(
    issuer: Issuer, remote: Issuing, path: str, answer: tuple[int, bytes]
) -> None:
    remote.instead[path] = answer

    with pytest.raises(IssuerAway) as away:
        await issuer.key("rsa")

    assert (away.value.status, away.value.retry_after) == (503, 5)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://other.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": "http://other.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://[/"},
    ],
)
async def test_a_document_of_another_or_with_unsafe_keys_is_none(
    issuer: Issuer, remote: Issuing, document: dict[str, object]
) -> None:
    remote.document = document

    with pytest.raises(IssuerAway):
        await issuer.key("rsa")

    assert remote.asked == [DOCUMENT]


async def test_an_issuer_that_is_not_there_is_not_asked_all_the_time(ticks: Ticks) -> None:
    with issuing() as gone:
        name = gone.name
    issuer = Issuer(name, pace=PACE, now=ticks)

    for _ in range(3):
        with pytest.raises(IssuerAway):
            await issuer.key("rsa")


async def test_an_issuer_that_does_not_answer_is_given_up(remote: Issuing, ticks: Ticks) -> None:
    issuer = Issuer(remote.name, pace=Pace(deadline=0.05), now=ticks)
    remote.answering.clear()

    async with asyncio.timeout(5):
        with pytest.raises(IssuerAway):
            await issuer.key("rsa")


async def test_a_private_authority_is_trusted_when_it_is_named(
    tmp_path: Path, ticks: Ticks
) -> None:
    certificates = ensure_certificates(tmp_path, None, system_clock())
    with issuing(certificates.context) as remote:
        trusting = Issuer(remote.name, tls=open_trust(certificates.authority), pace=PACE, now=ticks)
        doubting = Issuer(remote.name, tls=open_trust(None), pace=PACE, now=ticks)

        assert await trusting.key("rsa") is not None
        with pytest.raises(IssuerAway):
            await doubting.key("rsa")


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_an_authority_that_cannot_be_read_is_told_of(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(IssuerUnusable, match=r"^Setting oidc_ca: .*ca\.pem"):
        open_trust(file)


@pytest.mark.parametrize(
    ("members", "algorithms"),
    [({}, {"RS256", "PS256"}), ({"alg": "PS256"}, {"PS256"}), ({"alg": "RS256"}, {"RS256"})],
)
def test_a_key_is_good_for_what_it_says(members: dict[str, object], algorithms: set[str]) -> None:
    found = read_keys({"keys": [jwk(RSA_KEY, "k", **members)]})

    assert found["k"].algorithms == algorithms


@pytest.mark.parametrize(
    "unfit",
    [
        None,
        "x",
        {},
        {"kty": "RSA", "kid": "k"},
        {"kty": "oct", "kid": "k", "k": "c2VjcmV0"},
        {"kty": "XYZ", "kid": "k"},
        {"kty": 1, "kid": "k"},
        jwk(RSA_KEY, "k", use="enc"),
        jwk(RSA_KEY, "k", alg="RS512"),
        jwk(RSA_KEY, "k", alg="HS256"),
        jwk(RSA_KEY, "k", alg=1),
        jwk(RSA_KEY, "k", kid=None),
        jwk(WEAK, "k"),
        jwk(BIG, "k"),
    ],
)
def test_what_is_no_key_for_tokens_is_left_out(unfit: object) -> None:
    found = read_keys({"keys": [unfit, jwk(EC_KEY, "ec")]})

    assert list(found) == ["ec"]
    assert found["ec"].algorithms == {"ES256"}


@pytest.mark.parametrize("document", [None, [], {}, {"keys": 1}])
def test_what_lists_no_keys_has_none(document: object) -> None:
    assert read_keys(json.loads(json.dumps(document))) == {}
