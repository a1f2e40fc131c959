"""The sample of the SDK, as a person uses it: by its buttons, its tiles and its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from support.browser import Person
from support.deadlines import wait_for
from support.likeness import Likeness
from support.office import User
from support.server import Server

JOINED_WITHIN = 15.0
# Decibels of the loudest bin: a tone that plays lies near -20, silence and other tones below -65.
HEARD, UNHEARD = -45.0, -60.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What a tile shows: which video element, how many frames it has shown, its middle's colour."""

    element: int
    frames: int
    width: int
    height: int
    colour: tuple[int, int, int]

    def is_of(self, likeness: Likeness) -> bool:
        """Whether the strongest part of the colour is the person's."""
        return self.colour.index(max(self.colour)) == likeness.rgb.index(max(likeness.rgb))


@dataclass(frozen=True, slots=True)
class EndReason:
    """Why the call ended, as the page tells it."""

    code: str
    sub_code: str
    text: str

    @property
    def numbers(self) -> str:
        return f"{self.code}/{self.sub_code}"


def invitation(*, room: str, token: str, name: str) -> str:
    """What an invitation's link holds in its fragment, which no server ever sees."""
    return f"room={quote(room)}&token={quote(token)}&name={quote(name)}"


class Caller:
    """A person on the sample page, or on another page that bears the same marks."""

    def __init__(
        self,
        person: Person,
        server: Server,
        *,
        user: User,
        name: str,
        address: str | None = None,
    ) -> None:
        self.person = person
        self.user = user
        self.name = name
        self._address = address or f"{server.ready.browser_url}sample"
        self._secrets = server.secrets
        self._page = person.page

    # -- what he does -----------------------------------------------------------------------

    def open(self, room: str, *, token: str | None = None) -> None:
        """Follow the link of an invitation."""
        inside = invitation(room=room, token=token or self.user.token, name=self.name)
        self.follow(f"{self._address}#{inside}")

    def follow(self, link: str) -> None:
        """Follow any link."""
        # Only the fragment may differ from where he is: the page has to load anew.
        self._page.goto("about:blank")
        self._page.goto(link)

    def press(self, button: str) -> None:
        self._page.get_by_test_id(button).click()

    def may_press(self, button: str) -> bool:
        found = self._page.get_by_test_id(button)
        return found.is_visible() and found.is_enabled()

    def is_on(self, tool: str) -> bool:
        """Whether his microphone (`mute`) or `camera` is on, as its button tells."""
        button = self._page.get_by_test_id(tool)
        told = {button.get_attribute("data-muted"), button.get_attribute("data-video")}
        return bool(told & {"false", "on"})

    def turn_on(self, tool: str) -> None:
        """Have the microphone (`mute`) or `camera` on, whatever it was."""
        if not self.is_on(tool):
            self.press(tool)
        wait_for(f"{tool} of {self.name} on", lambda: self.is_on(tool), within=5)

    def join(self, room: str) -> None:
        """Follow the link of an invitation, and enter."""
        self.open(room)
        self.enter()

    def enter(self) -> None:
        """See oneself, press Join, and be in the call with picture and sound."""
        self.press_join()
        wait_for(f"{self.name} in the call", self.is_in_call, within=JOINED_WITHIN)
        for ticket in self.tickets():
            self._secrets.add("ticket", ticket)

    def press_join(self) -> None:
        """See oneself, and press Join."""
        wait_for(f"{self.name}'s own picture", self._sees_himself, within=JOINED_WITHIN)
        self.press("join")

    def tickets(self) -> set[str]:
        """What his page opened media with, as an eavesdropper reads it off the addresses."""
        queries = (parse_qs(urlsplit(url).query) for url in self.person.wire.urls)
        return {ticket for query in queries for ticket in query.get("access_token", [])}

    def _sees_himself(self) -> bool:
        return self._page.locator('[data-testid="preview"] video').is_visible()

    def try_to_join(self, room: str, *, token: str | None = None) -> EndReason:
        """Follow the link, press Join, and be told why not."""
        self.open(room, token=token)
        self.press("join")
        return self.is_told(within=JOINED_WITHIN)

    # -- what he sees and hears -------------------------------------------------------------

    def is_in_call(self) -> bool:
        return self._page.get_by_test_id("leave").is_visible()

    def is_told(self, *, within: float) -> EndReason:
        """The reason that the page shows once his call has ended."""
        told, _ = wait_for(f"{self.name} is told why", self.end_reason, within=within)
        return told

    def end_reason(self) -> EndReason | None:
        """The reason that the page shows now."""
        box = self._page.get_by_test_id("end-reason")
        if not box.is_visible():
            return None
        return EndReason(
            code=box.get_attribute("data-code") or "",
            sub_code=box.get_attribute("data-sub-code") or "",
            text=box.inner_text(),
        )

    def tiles(self) -> list[Mapping[str, str]]:
        """The tiles of the others, by their data attributes."""
        listed: list[Mapping[str, str]] = self.person.evaluate("probe.tiles()")
        return listed

    def tile(self, other: "Caller") -> Mapping[str, str] | None:
        found = [tile for tile in self.tiles() if tile.get("rawId") == other.user.raw_id]
        assert len(found) < 2, f"{other.name} has two tiles"
        return found[0] if found else None

    def picture(self, other: "Caller", place: str = "tile") -> Picture | None:
        looked: dict[str, Any] | None = self.person.evaluate(
            "([rawId, place]) => probe.picture(rawId, place)", [other.user.raw_id, place]
        )
        if looked is None:
            return None
        return Picture(**looked | {"colour": tuple(looked["colour"])})

    def sees(self, other: "Caller", *, within: float) -> float:
        """Frames of the other's camera advance in his tile; gives the seconds until they did."""
        first: Picture | None = None

        def advanced() -> bool:
            nonlocal first
            now = self.picture(other)
            if now is None or not now.is_of(other.person.likeness):
                return False
            if first is None or first.element != now.element or now.frames < first.frames:
                first = now
                return False
            return now.frames >= first.frames + 2

        _, took = wait_for(f"{self.name} sees {other.name}", advanced, within=within)
        return took

    def sees_screen_of(self, other: "Caller", *, within: float) -> float:
        """A picture of the other's screen is there; gives the seconds until it was."""

        def shown() -> bool:
            now = self.picture(other, "share-tile")
            return now is not None and now.frames >= 1

        _, took = wait_for(f"{self.name} sees the screen of {other.name}", shown, within=within)
        return took

    def sees_nothing_new_of(self, other: "Caller", *, within: float) -> float:
        """His picture is gone from the tile, or stands still; gives the seconds until it did."""
        before: Picture | None = None

        def still() -> bool:
            nonlocal before
            now = self.picture(other)
            stands = now is None or (
                before is not None and (now.element, now.frames) == (before.element, before.frames)
            )
            before = now
            return stands

        _, took = wait_for(f"no picture of {other.name}", still, within=within, every=0.3)
        return took

    def loudness(self, other: "Caller", *, milliseconds: int = 400) -> float:
        """How loud the other's voice was in what plays here."""
        loudest: float = self.person.evaluate(
            "([hertz, ms]) => probe.loudness(hertz, ms)",
            [other.person.likeness.hertz, milliseconds],
        )
        return loudest

    def hears(self, other: "Caller", *, within: float) -> float:
        """The other's voice has energy in what plays here; gives the seconds until it had."""
        _, took = wait_for(
            f"{self.name} hears {other.name}", lambda: self.loudness(other) > HEARD, within=within
        )
        return took

    def hears_nothing_of(self, other: "Caller", *, within: float) -> float:
        _, took = wait_for(
            f"silence of {other.name}", lambda: self.loudness(other) < UNHEARD, within=within
        )
        return took

    def watch(self, other: "Caller") -> None:
        """From now on, look out for frames and voice of the other."""
        self.person.evaluate(
            "([rawId, hertz]) => probe.watch(rawId, hertz)",
            [other.user.raw_id, other.person.likeness.hertz],
        )

    def has_met(self) -> bool:
        """Whether both have come since `watch`."""
        return bool(self.person.evaluate("probe.met()"))

    def meets(self, other: "Caller", *, within: float) -> float:
        """Sees and hears him; gives the seconds until both."""
        return meet((self, other), within=within, both=False)

    @property
    def role(self) -> str:
        """The role that his page shows."""
        return self._page.get_by_test_id("role").get_attribute("data-role") or ""


def meet(pair: tuple[Caller, Caller], *, within: float, both: bool = True) -> float:
    """The first sees and hears the second, and with `both` the other way round; gives the seconds."""
    ways = [pair, pair[::-1]] if both else [pair]
    for one, other in ways:
        one.watch(other)
    names = " and ".join(one.name for one, _ in ways)
    _, took = wait_for(f"{names} met", lambda: all(one.has_met() for one, _ in ways), within=within)
    for one, other in ways:
        picture = one.picture(other)
        assert picture is not None, f"{one.name} sees {other.name} no more"
        assert picture.is_of(other.person.likeness), f"{one.name} sees someone else: {picture}"
    return took
