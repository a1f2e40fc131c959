"""S: where events may be sent, and receivers that are slow, endless, or something else altogether.

The receiver is a process of its own (`support/inputs/hooks.py`). `<receiver>` is it at the one address
that events may be sent to; under every other address it must not hear a word.
"""

from typing import Any

from support.inputs.house import WEBHOOK_SECONDS, WEBHOOKS, House
from support.inputs.rows import Row, Wanted, accepted, post, refused

CLOUD = "cloudevents"
NOT_THERE = "it leads to an address that events may not be sent to"
NO_CODE = "did not give the validation code back"
BAD_URL = (
    "Webhook URL: not possible. Give https://HOST/PATH, without a user and a fragment, in at most "
    "2048 characters."
)
# What is answered by then was cut off.
CUT = WEBHOOK_SECONDS + 1.5


def add(url: object, form: str = "eventgrid") -> Any:  # noqa: ANN401 (a request)
    return post(WEBHOOKS, {"url": url, "form": form})


def unconfirmed(why: str | None, *, within: float = 1.0) -> Wanted:
    """Refused by what came of the handshake; None: in the words of a library."""
    told = (
        None
        if why is None
        else f"Webhook: its receiver does not confirm that it wants events ({why}). "
        "See docs/events.md, and try again."
    )
    return Wanted((400,), "BadRequest", told, within=within)


# -- what has come ----------------------------------------------------------------------------------


def unheard(house: House, _: object) -> None:
    """The receiver was not asked at all, at any address."""
    assert house.came() == []


def heard_once(house: House, _: object) -> None:
    """It was asked, and not once more; nor was whatever it led to."""
    assert len(house.came()) == 1


def signed(house: House, said: dict[str, str]) -> None:
    """It was asked by who has the secret that was told."""
    house.server.secrets.add("webhook secret", said["secret"])
    [got] = house.came()
    assert got.is_signed(said["secret"])
    assert got.headers["host"] == house.names["receiver"]


def leave_asked_for(house: House, said: dict[str, str]) -> None:
    house.server.secrets.add("webhook secret", said["secret"])
    [got] = house.came()
    assert (got.method, got.headers["webhook-request-origin"]) == ("OPTIONS", "localhost")


# -- rows -------------------------------------------------------------------------------------------


def inside(host: str) -> Row:
    """An address that events may not be sent to; the receiver listens on the port."""
    url = f"http://{host}:<receiver_port>/takes"
    return Row("S01", f"to {host}", add(url), unconfirmed(NOT_THERE), came_to=unheard)


def no_url(url: object) -> Row:
    return Row("S01", f"a URL {str(url)[:40]!r}", add(url), refused(400), came_to=unheard)


def led(status: int, to: str) -> Row:
    """A receiver at a good address that leads on."""
    url = f"http://<receiver>/leads?status={status}&to={to}"
    what = f"{status} to {to[:50]}"
    return Row("S01", what, add(url), unconfirmed(f"answered {status}"), came_to=heard_once)


def answering(
    line: str, manner: str, why: str | None, *, form: str = "eventgrid", within: float = 1.0
) -> Row:
    """A receiver with manners that are not good enough."""
    wanted = unconfirmed(why, within=within)
    sent = add(f"http://<receiver>/{manner}", form)
    return Row(line, f"a receiver that {manner} ({form})", sent, wanted, came_to=heard_once)


# Of this machine, of networks that are not public, of clouds, and in the guises of those.
INSIDE = (
    *("127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "0177.0.0.1"),
    *("127.0.0.3", "0.0.0.0", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]"),
    *("169.254.169.254", "169.254.0.1", "2852039166", "[fe80::1]", "[fd00:ec2::254]"),
    *("168.63.129.16", "192.0.0.192", "100.100.100.200", "10.0.0.1", "172.16.0.1"),
    *("172.31.255.255", "192.168.0.1", "100.64.0.1", "198.18.0.1", "192.0.2.1"),
    *("224.0.0.1", "255.255.255.255", "240.0.0.1", "[fc00::1]", "[fec0::1]", "[ff02::1]"),
    *("[64:ff9b::127.0.0.1]", "[64:ff9b::169.254.169.254]", "[64:ff9b:1::10.0.0.1]"),
    *("[2002:7f00:1::]", "[2001:0:7f00:1::]", "[2001:db8::1]", "[::ffff:169.254.169.254]"),
)
NO_URLS: tuple[object, ...] = (
    *("file:///etc/passwd", "ftp://<receiver>/takes", "gopher://<receiver>/takes"),
    *("unix:///run/docker.sock", "data:,x", "javascript:alert(1)", "//<receiver>/takes"),
    *("<receiver>/takes", "", " ", "https://", "https:///takes", "http:<receiver>"),
    *("http://user@<receiver>/takes", "http://user:word@<receiver>/takes"),
    *("http://<receiver>/takes#there", "http://<receiver>/ takes", "http://<receiver>\\@x/"),
    *("http://<receiver>/\r\nX-Evil: 1", "http://<receiver>/\ttakes", "http://<receiver>\n/"),
    *(
        "http://127.0.0.%32:<receiver_port>/takes",
        "http://\uff11\uff12\uff17.0.0.2:<receiver_port>/takes",
    ),
    *("http://127.0.0.2:0/takes", "http://127.0.0.2:65536/takes", "http://127.0.0.2:x/takes"),
    *("http://[::1/takes", "http://<receiver>/" + "x" * 2048, None, 1, ["http://<receiver>/"]),
)
ELSEWHERE = (
    *("http://<receiver>/takes", "http://127.0.0.1:<receiver_port>/takes", "/takes"),
    *("http://169.254.169.254/latest/meta-data/", "file:///etc/passwd"),
)

ROWS = [
    Row("S01", "to where it may", add("http://<receiver>/takes"), accepted(201), came_to=signed),
    Row(
        *("S01", "to where it may, by leave", add("http://<receiver>/takes", CLOUD)),
        accepted(201),
        came_to=leave_asked_for,
    ),
    *[inside(host) for host in INSIDE],
    Row(
        "S01",
        "in plain text to a public address",
        add("http://93.184.215.14/"),
        unconfirmed("plain http:// is for networks that `webhook_networks` allows"),
        came_to=unheard,
    ),
    *[no_url(url) for url in NO_URLS],
    Row(
        *("S01", "a scheme in the words", add("file:///etc/passwd")),
        refused(400, "BadRequest", BAD_URL),
        came_to=unheard,
    ),
    *[led(status, to) for to in ELSEWHERE for status in (302, 307)],
    *[led(status, "http://<receiver>/takes") for status in (301, 303, 308)],
    Row(
        *("S01", "to one whom nobody certifies", add("https://<tls_receiver>/takes")),
        unconfirmed(None),
        came_to=unheard,
    ),
    # Whoever does not confirm gets nothing: else anybody's server could be sent to.
    *[
        answering("S01", manner, why)
        for manner, why in (
            *(("another-code", NO_CODE), ("no-code", NO_CODE), ("no-json", NO_CODE)),
            *(("list", NO_CODE), ("deep", NO_CODE), ("no-utf8", NO_CODE)),
            *(("fails", "answered 500"), ("created", "answered 201")),
        )
    ],
    *[
        answering("S01", manner, why, form=CLOUD)
        for manner, why in (
            *(("no-code", "does not allow localhost"), ("fails", "answered 500")),
            *(("another-origin", "does not allow localhost"), ("refuses-leave", "answered 405")),
        )
    ],
    answering("S02", "floods", "its answer is too long"),
    answering("S02", "inflates", NO_CODE),
    *[
        answering("S02", manner, None)
        for manner in ("floods-head", "hangs-up", "half", "mail", "two-lengths")
    ],
    *[
        answering("S02", manner, "no answer in time", within=CUT)
        for manner in ("drips", "silent", "announces")
    ],
    answering("S02", "drips-head", "no answer in time", form=CLOUD, within=CUT),
    # Of an answer to the other handshake nothing is read but its head.
    *[
        answering("S02", manner, "does not allow localhost", form=CLOUD)
        for manner in ("floods", "drips")
    ],
]
