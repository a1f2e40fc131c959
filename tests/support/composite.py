"""The call page, as a person uses it who follows a link: by the composite's buttons, tiles and words."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from playwright.sync_api import Locator, Request

from support.browser import Person
from support.callpage import HEARD, UNHEARD, Picture
from support.deadlines import wait_for
from support.likeness import Likeness
from support.office import ATTENDEE, PRESENTER, Office, User
from support.scenes import DOCTORS_NAME, PATIENTS_NAME
from support.server import Server
from support.signed import Ask, Caller

# What makes errors of the composite's adapter complaints of the page.
ADAPTER = Path(__file__).parent / "adapter.js"
LOADED_WITHIN = 15.0
JOINED_WITHIN = 15.0
SOON = 10.0
PATIENCE_MS = 10_000
# What the couple of browsers has for a camera.
CAMERA_WIDTH = 320
START = "call-composite-start-call-button"
PREVIEW = "call-composite-local-preview"
HANG_UP = "call-composite-hangup-button"
USABLE = """parts => parts.some(part => {
  const button = part.matches("button") ? part : part.querySelector("button");
  return part.checkVisibility() && button !== null
    && !button.disabled && button.getAttribute("aria-disabled") !== "true";
})"""
ART = """name => [...document.querySelectorAll("div")]
  .some(part => getComputedStyle(part).backgroundImage.includes(name))"""
LOOPBACK = {"localhost", "127.0.0.1"}
HAS_FOCUS = "part => part === document.activeElement"
# How the buttons are named before the call, and in it.
DEVICES = {
    "microphone": "call-composite-local-device-settings-microphone-button",
    "camera": "call-composite-local-device-settings-camera-button",
}


class Guest:
    """Somebody on the call page."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.page = person.page
        self.page.set_default_timeout(PATIENCE_MS)
        self._asked: set[str] = set()
        self._due: list[str] = []
        self._forgiven: list[str] = []
        asked = self._asked

        # A function, not a bound method: Playwright hangs marks of its own on what it is handed.
        def keep(request: Request) -> None:
            asked.add(request.url)

        self.page.on("request", keep)

    # -- what he does -----------------------------------------------------------------------

    def follow(self, link: str) -> None:
        """Follow a link; the page loads anew even where only the fragment differs."""
        self.page.goto("about:blank")
        self.page.goto(link)

    def enter(self, *, within: float = JOINED_WITHIN) -> None:
        """With camera and microphone on, from the view before the call into it."""
        self.prepare()
        self.start()
        self.is_in("connected", within=within)

    def prepare(self, *tools: str) -> None:
        """Wait for the view before the call, and have these on there; both, unless named."""
        wait_for("the view before the call", self.part(START).is_enabled, within=LOADED_WITHIN)
        for tool in tools or DEVICES:
            self.part(DEVICES[tool]).click()
        if "camera" in (tools or DEVICES):
            # A call begins with the camera only when its picture was there before.
            picture = self.part(PREVIEW).locator("video").first
            self.comes("the own picture", picture.is_visible, within=LOADED_WITHIN)

    def start(self) -> None:
        self.part(START).click()

    def press(self, name: str) -> None:
        """Press the part that bears this name for tests, else the button with these words."""
        part = self.part(name)
        if part.count() == 0:
            part = self.page.get_by_role("button", name=name, exact=True).first
        part.click()

    def confirm(self, words: str) -> None:
        """Press a button of the question that stands before everything."""
        self.page.get_by_role("dialog").get_by_role("button", name=words, exact=True).click()

    def tab_to(self, name: str) -> None:
        """Press the tabulator until a part has the focus."""
        self.tab_until(lambda: self.part(name).evaluate(HAS_FOCUS), name)

    def tab_until(self, is_there: Callable[[], object], what: str, *, within: int = 40) -> None:
        """Press the tabulator until something has the focus."""
        for _ in range(within):
            if is_there():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{what} is not reached by keyboard")

    def open_people(self) -> None:
        """Have the pane with everyone's names open."""
        if not self.part("people-pane-content").is_visible():
            self.press("common-call-composite-people-button")

    def line_of(self, name: str) -> list[str]:
        """The words of somebody's line in the pane."""
        return self._line(name).inner_text().split()

    def menu_of(self, name: str) -> list[str]:
        """What the pane offers to do with somebody."""
        self.open_people()
        self._line(name).click()
        return self.page.get_by_role("menuitem").all_inner_texts()

    def choose(self, name: str, action: str) -> None:
        """Do something with somebody, by his line in the pane."""
        self.open_people()
        item = self.page.get_by_role("menuitem", name=action, exact=True)

        # A menu that opened before the news came does not offer it; it is opened once more.
        def offered() -> bool:
            if not item.is_visible():
                self._line(name).click()
            return item.is_visible()

        wait_for(f"the offer {action}", offered, within=SOON, every=0.5)
        item.click()

    def hang_up(self) -> None:
        """Press the red button, and say that it is meant."""
        self.part(HANG_UP).click()
        self.confirm("Leave")
        self.is_in("ended", within=SOON)

    def rate(self, stars: int) -> None:
        """Say in the survey how the call was."""
        self.page.locator(".ms-Rating-button").nth(stars - 1).click()

    # -- what he sees -----------------------------------------------------------------------

    def part(self, name: str) -> Locator:
        """A part of the composite by the name that it bears for tests."""
        return self.part_all(name).first

    def part_all(self, name: str) -> Locator:
        """All parts with that name."""
        return self.page.locator(f'[data-ui-id="{name}"]')

    @property
    def state(self) -> str:
        return self._status("data-state")

    @property
    def numbers(self) -> str:
        """Code and subCode of the call that has ended; a lone slash while none has."""
        return f"{self._status('data-code')}/{self._status('data-sub-code')}"

    def is_in(self, state: str, *, within: float) -> float:
        """Seconds until the page is in that state."""
        return self.comes(f"the state {state}", lambda: self.state == state, within=within)

    def comes(self, what: str, look: Callable[[], object], *, within: float = SOON) -> float:
        """Seconds until something is so."""
        _, took = wait_for(f"{what} for {self.person.likeness.name}", look, within=within)
        return took

    def shows(self, words: str, *, within: float = SOON) -> float:
        """Seconds until these words can be read somewhere."""
        # Some words stand twice: once more for screen readers alone.
        text = self.page.get_by_text(words).locator("visible=true").first
        return self.comes(repr(words), text.is_visible, within=within)

    def pictures(self) -> list[Picture]:
        """The pictures of others."""
        listed: list[dict[str, Any]] = self.person.evaluate("probe.others()")
        return [Picture(**one | {"colour": tuple(one["colour"])}) for one in listed]

    def sees(self, likeness: Likeness, *, within: float = JOINED_WITHIN) -> float:
        """Seconds until someone's picture moves."""
        seen: dict[int, int] = {}
        return self.comes(
            f"the picture of {likeness.name}", partial(self._moves, likeness, seen), within=within
        )

    def sees_screen(self, *, within: float = JOINED_WITHIN) -> float:
        """Seconds until a picture larger than a camera's is there."""
        return self.comes("a screen", self._screens, within=within)

    def sees_no_screen(self, *, within: float = JOINED_WITHIN) -> float:
        return self.comes("no screen", lambda: not self._screens(), within=within)

    def sees_nobody(self, *, within: float = SOON) -> float:
        return self.comes("no picture", lambda: not self.pictures(), within=within)

    def hears(self, likeness: Likeness, *, within: float = SOON) -> float:
        """Seconds until someone's voice plays."""
        return self.comes(
            f"the voice of {likeness.name}",
            lambda: self.person.evaluate("hz => probe.loudness(hz, 400)", likeness.hertz) > HEARD,
            within=within,
        )

    def hears_nothing_of(self, likeness: Likeness, *, within: float = SOON) -> float:
        """Seconds until someone's voice is gone."""
        return self.comes(
            f"silence of {likeness.name}",
            lambda: self.person.evaluate("hz => probe.loudness(hz, 400)", likeness.hertz) < UNHEARD,
            within=within,
        )

    def gets(self, *parts: str, within: float = SOON) -> None:
        """Each of these parts can be used."""
        for part in parts:
            self.comes(part, partial(self.may_press, part), within=within)

    def loses(self, *parts: str, within: float = SOON) -> None:
        """None of these parts can be used any more."""
        for part in parts:
            self.comes(f"no {part}", partial(self._may_not_press, part), within=within)

    def may_press(self, name: str) -> bool:
        """Whether a part is there and can be used: what a role forbids is there without effect."""
        usable: bool = self.part_all(name).evaluate_all(USABLE)
        return usable

    def count(self, icon: str) -> int:
        """How often an icon is shown."""
        return self.page.locator(f'[data-icon-name="{icon}"]').count()

    def shows_art(self, name: str) -> bool:
        """Whether a picture of ours is shown in the gallery."""
        shown: bool = self.person.evaluate(ART, f"/{name}-")
        return shown

    def closes_all_devices(self) -> None:
        """No camera, microphone or screen that the page opened is live."""
        self.comes("all devices closed", lambda: self.person.evaluate("probe.live() === 0"))

    def addresses(self) -> set[str]:
        """Where all that the page asked for came from, and whom its sockets spoke with."""
        urls = [urlsplit(url) for url in (*self._asked, *self.person.wire.urls)]
        return {f"{url.scheme.replace('ws', 'http', 1)}://{url.netloc}" for url in urls}

    def complaints(self) -> list[str]:
        """What the page and, where it is listened to, the composite reported of errors."""
        told = [line for line in self.person.console if line.startswith(("error", "page error"))]
        for line in self._due:
            told.remove(line)
        return [line for line in told if not any(words in line for words in self._forgiven)]

    def forgive(self, words: str) -> None:
        """A complaint with these words is none: chance decides whether it comes."""
        self._forgiven.append(words)

    def complains(self, words: str, *, within: float = SOON) -> None:
        """One complaint with these words comes, as it should; it is none any more."""

        def due() -> str | None:
            return next((line for line in self.complaints() if words in line), None)

        line, _ = wait_for(f"the complaint {words!r}", due, within=within)
        self._due.append(line)

    def _may_not_press(self, name: str) -> bool:
        return not self.may_press(name)

    def _line(self, name: str) -> Locator:
        return self.page.locator('[data-ui-id="participant-item"]', has_text=name).first

    def _screens(self) -> list[Picture]:
        return [picture for picture in self.pictures() if picture.width > CAMERA_WIDTH]

    def _moves(self, likeness: Likeness, seen: dict[int, int]) -> bool:
        for picture in self.pictures():
            if not picture.is_of(likeness):
                continue
            if picture.frames >= seen.setdefault(picture.element, picture.frames) + 2:
                return True
        return False

    def _status(self, attribute: str) -> str:
        return self.page.get_by_test_id("status").get_attribute(attribute) or ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A doctor (Presenter) and a patient (Attendee), each with a link to the same room."""

    server: Server
    office: Office
    room: str
    doctor: Guest
    patient: Guest
    # Not for the page that a failed test prints: they hold tokens.
    doctors_user: User = field(repr=False)
    patients_user: User = field(repr=False)

    @property
    def both(self) -> tuple[Guest, Guest]:
        return self.doctor, self.patient

    def went_well(self) -> None:
        """Nobody has a complaint left, and nobody's page asked for anything off this machine."""
        for guest in self.both:
            complaints, asked = guest.complaints(), guest.addresses()
            assert complaints == [], complaints
            assert {urlsplit(address).hostname for address in asked} <= LOOPBACK, asked

    @property
    def origin(self) -> str:
        """Where the page comes from."""
        return self.server.ready.browser_url.rstrip("/")

    def user(self, guest: Guest) -> User:
        return self.doctors_user if guest is self.doctor else self.patients_user

    def link(self, guest: Guest, **held: str) -> str:
        """A link of his: to the room and with his token and name, unless it shall hold others."""
        names = {self.doctor: DOCTORS_NAME, self.patient: PATIENTS_NAME}
        where = {} if {"group", "callee"} & held.keys() else {"room": self.room}
        fields = {**where, "token": self.user(guest).token, "name": names[guest], **held}
        return f"{self.origin}/call#{urlencode(fields, quote_via=quote)}"

    def make(self, guest: Guest, role: str) -> None:
        """Give him another role, by the Rooms SDK."""
        self.office.invite(self.room, self.user(guest), role)

    def surveys(self, guest: Guest) -> list[dict[str, Any]]:
        """What the server has of what he thought of his calls, newest first."""
        target = f"/openrooms/v1/surveys?user={self.user(guest).raw_id}&api-version=v1"
        with closing(Caller(self.server.ready)) as caller:
            kept: list[dict[str, Any]] = caller.call(Ask("GET", target)).json["value"]
        return kept

    def expel(self, guest: Guest) -> None:
        """Take him off the roster."""
        self.office.expel(self.room, self.user(guest))


def convene(server: Server, office: Office, two: tuple[Person, Person]) -> Meeting:
    """New users in a new room, each with his link followed."""
    doctor, patient = (Guest(person) for person in two)
    users = office.user(), office.user()
    room = office.room({users[0]: PRESENTER, users[1]: ATTENDEE})
    made = Meeting(server, office, room, doctor, patient, *users)
    for guest in made.both:
        guest.follow(made.link(guest))
    return made
