"""Where a request goes: to public addresses alone, by the address that was looked at, and no further."""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from support.receiver import Receiver, Reply, receiving

from openrooms.events.webhooks.model import parse_url
from openrooms.events.webhooks.sender import Patience, Request, Sender, Unsent
from openrooms.setting_values import LOOPBACK_NETWORKS

pytestmark = pytest.mark.anyio

NAME = "hooks.example"


class Names:
    """A resolver whose answers a test has in its hand; it counts how often it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = [*answers]
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def to(receiver: Receiver, *, wants_body: bool = False) -> Request:
    """A request to a receiver by its name."""
    target = parse_url(receiver.url)._replace(host=NAME)
    return Request("POST", target, {}, b"{}", wants_body=wants_body)


async def test_a_name_is_resolved_once_and_stays_in_the_request(receiver: Receiver) -> None:
    # Whoever asked a second time would be led elsewhere.
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    sender = Sender(LOOPBACK_NETWORKS, resolve=names)

    reply = await sender.send(to(receiver))
    await sender.close()

    (got,) = receiver.got
    assert (reply.status, names.asked) == (200, 1)
    assert got.headers["host"] == f"{NAME}:{parse_url(receiver.url).port}"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["93.184.215.14", "127.0.0.1"],
        ["127.0.0.1", "93.184.215.14"],
        ["93.184.215.14", "::ffff:127.0.0.1"],
        ["not an address"],
    ],
)
async def test_unless_all_addresses_of_a_name_are_public_none_is_connected_to(
    receiver: Receiver, addresses: list[str]
) -> None:
    sender = Sender((), resolve=Names(addresses))

    with pytest.raises(Unsent, match="may not be sent to") as refused:
        await sender.send(to(receiver))

    assert not refused.value.failure.away
    assert receiver.got == []


async def test_plain_http_is_for_networks_that_are_allowed() -> None:
    sender = Sender(LOOPBACK_NETWORKS, resolve=Names(["93.184.215.14"]))
    target = parse_url(f"http://{NAME}/")

    with pytest.raises(Unsent, match="plain http"):
        await sender.send(Request("POST", target, {}))


async def test_a_name_without_an_address_is_away() -> None:
    sender = Sender(resolve=Names([]))

    with pytest.raises(Unsent) as unsent:
        await sender.send(Request("POST", parse_url(f"https://{NAME}/"), {}))

    assert unsent.value.failure.away


async def test_the_next_address_is_tried_when_one_does_not_answer(receiver: Receiver) -> None:
    sender = Sender(LOOPBACK_NETWORKS, resolve=Names(["127.0.0.9", "127.0.0.1"]))

    assert (await sender.send(to(receiver))).status == 200
    await sender.close()


async def test_an_answer_that_never_ends_is_cut_in_time(receiver: Receiver) -> None:
    receiver.answer = lambda _: Reply(drips=True)
    patience = Patience.of(0.3)
    sender = Sender(LOOPBACK_NETWORKS, resolve=Names(["127.0.0.1"]), patience=patience)

    with pytest.raises(Unsent) as unsent:
        await sender.send(to(receiver, wants_body=True))
    assert (unsent.value.failure.late, unsent.value.failure.away) == (True, False)
    # Nobody waits for a body that nobody wants.
    assert (await sender.send(to(receiver))).status == 200
    await sender.close()


async def test_an_answer_that_is_too_long_is_cut(receiver: Receiver) -> None:
    receiver.answer = lambda _: Reply(body=b"x" * 10_000_000)
    sender = Sender(LOOPBACK_NETWORKS, resolve=Names(["127.0.0.1"]))

    with pytest.raises(Unsent, match="too long"):
        await sender.send(to(receiver, wants_body=True))
    await sender.close()


@pytest.mark.parametrize(("certified", "is_good"), [(NAME, True), ("other.example", False)])
async def test_the_certificate_must_be_that_of_the_name(
    tmp_path: Path, certified: str, *, is_good: bool
) -> None:
    file = certify(tmp_path, certified)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    sender = Sender(
        LOOPBACK_NETWORKS,
        resolve=Names(["127.0.0.1"]),
        trust=lambda: ssl.create_default_context(cafile=file),
    )
    with receiving(server) as receiver:
        if is_good:
            assert (await sender.send(to(receiver))).status == 200
        else:
            with pytest.raises(Unsent):
                await sender.send(to(receiver))
        assert len(receiver.got) == is_good
    await sender.close()


def certify(folder: Path, name: str) -> Path:
    """A certificate that speaks for a name, and is its own authority; with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(whose)
        .issuer_name(whose)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "pair.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
