"""L: user tokens that must not be taken at a hello, each kind by one that only its guard keeps out.

All of the list are thrown at the server by `inputs/test_user_tokens.py`.
"""

import base64
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest
from hostile.asking import shut_out
from support.agents import Refusal, agent
from support.inputs.mint import Mint, b64, open_mint, part
from support.office import Office, User, identifier
from support.server import Server
from websockets.exceptions import ConnectionClosed

READ = "openrooms.identity.tokens:Tokens.read"
STANDS = "openrooms.identity.service:Identities.stands"
LIMITS = "openrooms.allowances:limits_of"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[socket.socket]:
    """Where a forged token says that its key is: nobody may ever come."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.setblocking(False)  # noqa: FBT003 (the standard library's own)
        yield listener


@pytest.fixture
def user(office: Office) -> User:
    return office.user()


@pytest.fixture
def mint(server: Server, user: User, elsewhere: socket.socket) -> Mint:
    port = elsewhere.getsockname()[1]
    return open_mint(server, user.token, f"http://127.0.0.1:{port}/keys")


def is_taken(server: Server, token: str) -> bool:
    """Whether someone is signed in with it, or answered in any other way than he should be."""
    with agent(server.ready.browser_url, server.secrets) as connection:
        try:
            connection.hello(token)
        except Refusal as refusal:
            return (refusal.code, refusal.sub_code) != (401, 10009)
        except ConnectionClosed as closed:
            return closed.rcvd is None or closed.rcvd.code not in {4400, 1009}
    return True


def unsigned(mint: Mint) -> str:
    return f"{part({**mint.header, 'alg': 'none'})}.{part(mint.claims)}."


def without_end(mint: Mint) -> str:
    return mint.signed(without="exp")


def one_digit_later(mint: Mint) -> str:
    """The payload says a second more than what was signed."""
    head, payload, signature = mint.good.split(".")
    text = base64.urlsafe_b64decode(payload + "==").decode()
    end = str(mint.claims["exp"])
    later = text.replace(f'"exp":{end}', f'"exp":{int(end) + 1}')
    assert later != text
    return f"{head}.{b64(later.encode())}.{signature}"


FORGERIES: dict[str, Callable[[Mint], str]] = {
    "l01 alg none": unsigned,
    "l01 no signature": lambda mint: mint.good.rpartition(".")[0] + ".",
    "l02 HS256 with our public key": Mint.confused,
    "l03 jku elsewhere": lambda mint: mint.foreign(jku=mint.elsewhere),
    "l03 x5u elsewhere": lambda mint: mint.foreign(x5u=mint.elsewhere),
    "l03 a key of its own": lambda mint: mint.foreign(jwk={"kty": "EC"}),
    "l04 kid of a file": lambda mint: mint.signed(header={"kid": "../../etc/passwd"}),
    "l04 kid of 10 KB": lambda mint: mint.signed(header={"kid": "k" * 10_000}),
    "l04 kid of SQL": lambda mint: mint.signed(header={"kid": "' OR 1=1--"}),
    "l05 ended": lambda mint: mint.signed(iat=mint.now - 3600, exp=mint.now - 1),
    "l05 nbf tomorrow": lambda mint: mint.signed(nbf=mint.now + 24 * 3600),
    "l06 without an end": without_end,
    "l06 endless": lambda mint: mint.signed(exp=10**400),
    "l06 an end in words": lambda mint: mint.signed(exp="4102444800"),
    "l07 of another issuer": lambda mint: mint.signed(iss="https://evil.example"),
    "l10 the engine's": Mint.engines,
    "l11 a line break inside": lambda mint: mint.good[:40] + "\n" + mint.good[40:],
    "l11 padding added": lambda mint: mint.good + "=",
    "l12 the payload changed": one_digit_later,
    "l12 the signature changed": lambda mint: mint.changed(2),
}


@pytest.mark.guards(READ)
@pytest.mark.parametrize("name", FORGERIES)
def test_l01_to_l12_a_forged_token_is_not_taken(
    server: Server, mint: Mint, elsewhere: socket.socket, name: str
) -> None:
    assert not is_taken(server, FORGERIES[name](mint)), name
    with pytest.raises(BlockingIOError):
        elsewhere.accept()


@pytest.mark.guards(STANDS)
def test_l07_a_user_of_another_resource_is_not_taken(server: Server, mint: Mint) -> None:
    other = "00000000-0000-0000-0000-000000000000"

    assert not is_taken(server, mint.signed(skypeid=f"acs:{other}_{other}", resourceId=other))


@pytest.mark.guards("openrooms.calling.agent_socket:check_scope")
def test_l08_a_token_for_chat_alone_is_not_taken(server: Server, mint: Mint) -> None:
    assert not is_taken(server, mint.signed(acsScope="chat"))


@pytest.mark.guards(STANDS)
def test_l09_a_revoked_token_and_that_of_a_deleted_user_are_not_taken(
    server: Server, office: Office, user: User
) -> None:
    other = office.user()
    who: object = identifier(user)
    office.identities.revoke_tokens(who)  # type: ignore[arg-type]
    office.forget(other)

    assert not is_taken(server, user.token)
    assert not is_taken(server, other.token)


@pytest.mark.guards("openrooms.calling.gate:Gate._leg")
def test_l10_a_users_token_is_no_ticket(server: Server, office: Office, user: User) -> None:
    with agent(server.ready.browser_url, server.secrets) as connection:
        connection.hello(user.token)
        connection.join(office.room({user: "Attendee"}))

        assert shut_out(server, user.token).status == 403


@pytest.mark.guards(LIMITS, READ, "openrooms.calling.wire:LONGEST_MESSAGE")
def test_l11_a_token_of_a_megabyte_ends_the_connection(server: Server, mint: Mint) -> None:
    token = mint.signed(pad="x" * 750_000)

    with suppress(ConnectionClosed):
        assert not is_taken(server, token)
