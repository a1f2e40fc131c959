"""The browser SDK in the hands of a test: a page that does what it is told, in an app's own words."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Protocol

from support.callpage import HEARD, UNHEARD, Picture
from support.deadlines import wait_for
from support.likeness import Likeness
from support.office import User
from support.serving import serving

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "tests" / "calls" / "page" / "main.js"
# So many copies of a picture, each unlike the others, are a moving picture.
DIFFERENT = 4
FRAME = "<!doctype html><title>A page for tests</title><body></body><script>{script}</script>"


@contextmanager
def serve_page(folder: Path, source: Path = SOURCE) -> Iterator[str]:
    """The page's address, on another origin than any server's, for as long as the block lasts."""
    page = _build(folder, source).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with serving(Handler) as address:
        yield address


def _build(folder: Path, source: Path) -> str:
    """The page as one file, around the SDK as it is shipped."""
    built = folder / "page.js"
    subprocess.run(
        [
            ROOT / "node_modules/.bin/esbuild",
            source,
            "--bundle",
            "--format=iife",
            "--target=es2022",
            "--log-level=error",
            "--alias:@openrooms/calling=./sdk/calling/dist/index.js",
            f"--outfile={built}",
        ],
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    # Written into the page itself: what ends a script there must not stand in it.
    return FRAME.format(script=built.read_text().replace("</script", "<\\/script"))


# Not frozen: an exception is given its traceback.
@dataclass(eq=False)
class SdkError(Exception):
    """What a call to the SDK was rejected with."""

    code: int
    sub_code: int
    message: str

    @property
    def numbers(self) -> str:
        return f"{self.code}/{self.sub_code}"


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else in the call, as the SDK shows him."""

    raw_id: str
    name: str
    state: str
    role: str
    muted: bool
    speaking: bool
    endpoints: int
    streams: Sequence[Mapping[str, Any]]

    def shows(self, kind: str) -> bool:
        """Whether a stream of his of that kind is available."""
        return any(each["type"] == kind and each["available"] for each in self.streams)


@dataclass(frozen=True, slots=True)
class Look:
    """The call as the SDK shows it. `end`: code/subCode once it is over."""

    id: str
    state: str
    role: str
    direction: str
    muted: bool
    video: bool
    sharing: bool
    streams: int
    others: Sequence[Other]
    end: str | None
    categories: Sequence[str]
    calls: int


class Seated(Protocol):
    """Somebody in front of a browser, whichever that is."""

    @property
    def likeness(self) -> Likeness: ...

    def visit(self, address: str) -> None: ...

    def reload(self) -> None: ...

    def evaluate(self, expression: str, argument: object = None) -> Any: ...  # noqa: ANN401 (what the script gives)


class Client:
    """A person whose browser runs the page, and the user who he is."""

    def __init__(self, person: Seated, address: str) -> None:
        self.person = person
        self.user = User("", "")
        self.name = ""
        self._address = address

    def open(self) -> None:
        """Open the page, with nothing in it."""
        self.person.visit(self._address)

    def reload(self) -> None:
        self.person.reload()

    def enter(self, user: User, name: str) -> None:
        """Have a call agent, as this user."""
        self.user, self.name = user, name
        self.do("await app.enter(it.token, it.name)", token=user.token, name=name)

    def do(self, snippet: str, **it: object) -> Any:  # noqa: ANN401 (what the snippet returns)
        """Run a snippet of JavaScript with `app` and `it`; raises the `SdkError` it throws."""
        outcome = self.person.evaluate("([s, it]) => harness.run(s, it)", [snippet, it])
        if "error" in outcome:
            error = outcome["error"]
            raise SdkError(error["code"], error["subCode"], error["message"])
        assert "crash" not in outcome, f"{snippet}: {outcome['crash']}"
        return outcome["value"]

    def refusal(self, snippet: str, **it: object) -> str:
        """code/subCode of the error that a snippet must be rejected with."""
        try:
            value = self.do(snippet, **it)
        except SdkError as error:
            return error.numbers
        raise AssertionError(f"{snippet} was not refused, but gave {value!r}")

    def look(self) -> Look:
        seen: dict[str, Any] | None = self.person.evaluate("harness.look()")
        assert seen is not None, f"{self.name} has no call"
        end = seen.pop("end") or {"numbers": None, "categories": []}
        others = [_other(each) for each in seen.pop("others")]
        return Look(**seen, others=others, end=end["numbers"], categories=end["categories"])

    def heard(self) -> list[str]:
        """The events so far, in their order, in words of the page."""
        listed: list[str] = self.person.evaluate("harness.heard()")
        return listed

    def other(self, whom: "Client") -> Other | None:
        """How he sees somebody else; None when he does not."""
        found = [each for each in self.look().others if each.raw_id == whom.user.raw_id]
        assert len(found) < 2, f"{whom.name} is there twice"
        return found[0] if found else None

    def is_in(self, state: str, *, within: float) -> float:
        """The call gets into that state; gives the seconds."""
        what = f"{self.name}'s call {state}"
        _, took = wait_for(what, lambda: self.look().state == state, within=within, every=0.02)
        return took

    def ends(self, *, within: float) -> Look:
        """The call ends."""
        self.is_in("Disconnected", within=within)
        return self.look()

    # -- what he sees and hears -------------------------------------------------------------

    def picture(self, whom: "Client", place: str = "tile") -> Picture | None:
        looked: dict[str, Any] | None = self.person.evaluate(
            "([rawId, place]) => probe.picture(rawId, place)", [whom.user.raw_id, place]
        )
        if looked is None:
            return None
        return Picture(**looked | {"colour": tuple(looked["colour"])})

    def sees(self, whom: "Client", *, within: float, place: str = "tile") -> float:
        """New frames of the other arrive; gives the seconds until they did."""
        first: Picture | None = None

        def advanced() -> bool:
            nonlocal first
            now = self.picture(whom, place)
            if now is None or first is None or first.element != now.element:
                first = now
                return False
            return now.frames >= first.frames + 2

        what = f"{self.name} sees the {place} of {whom.name}"
        _, took = wait_for(what, advanced, within=within)
        return took

    def watches(self, whom: "Client", *, within: float, place: str = "tile") -> float:
        """What is seen of the other changes: copies of the picture differ, again and again."""
        copies: set[str | None] = set()

        def changed() -> bool:
            copies.add(
                self.person.evaluate(
                    "([rawId, place]) => probe.copy(rawId, place)", [whom.user.raw_id, place]
                )
            )
            return len(copies - {None}) >= DIFFERENT

        what = f"{self.name} sees the {place} of {whom.name} change"
        _, took = wait_for(what, changed, within=within)
        return took

    def loudness(self, whom: "Client", *, milliseconds: int = 400) -> float:
        loudest: float = self.person.evaluate(
            "([hertz, ms]) => probe.loudness(hertz, ms)",
            [whom.person.likeness.hertz, milliseconds],
        )
        return loudest

    def hears(self, whom: "Client", *, within: float) -> float:
        """The other's voice plays here; gives the seconds until it did."""
        what = f"{self.name} hears {whom.name}"
        _, took = wait_for(what, lambda: self.loudness(whom) > HEARD, within=within)
        return took

    def hears_nothing_of(self, whom: "Client", *, within: float) -> float:
        what = f"{self.name} hears {whom.name} no more"
        _, took = wait_for(what, lambda: self.loudness(whom) < UNHEARD, within=within)
        return took


def _other(seen: Mapping[str, Any]) -> Other:
    fields = dict(seen)
    return Other(raw_id=fields.pop("rawId"), **fields)
