"""The call page, as a person uses it who follows a link: by the composite's buttons, tiles and words."""

from collections.abc import Callable
from functools import partial
from typing import Any

from playwright.sync_api import Locator

from support.browser import Person
from support.callpage import HEARD, Picture
from support.deadlines import wait_for
from support.likeness import Likeness

LOADED_WITHIN = 15.0
JOINED_WITHIN = 15.0
SOON = 5.0
START = "call-composite-start-call-button"
HANG_UP = "call-composite-hangup-button"
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

    def start(self) -> None:
        self.part(START).click()

    def press(self, *names: str) -> None:
        """Press the button that has the first of these names (of its part, or in words) here."""
        for name in names:
            found = self.part(name)
            if found.is_visible():
                found.click()
                return
        self.page.get_by_role("button", name=names[-1], exact=True).first.click()

    def hang_up(self) -> None:
        """Press the red button, and say that it is meant."""
        self.part(HANG_UP).click()
        self.page.get_by_role("dialog").get_by_role("button", name="Leave").click()
        self.is_in("ended", within=SOON)

    # -- what he sees -----------------------------------------------------------------------

    def part(self, name: str) -> Locator:
        """A part of the composite by the name that it bears for tests."""
        return self.page.locator(f'[data-ui-id="{name}"]').first

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
        text = self.page.get_by_text(words).first
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

    def sees_nobody(self, *, within: float = SOON) -> float:
        return self.comes("no picture", lambda: not self.pictures(), within=within)

    def hears(self, likeness: Likeness, *, within: float = SOON) -> float:
        """Seconds until someone's voice plays."""
        return self.comes(
            f"the voice of {likeness.name}",
            lambda: self.person.evaluate("hz => probe.loudness(hz, 400)", likeness.hertz) > HEARD,
            within=within,
        )

    def live_tracks(self) -> int:
        """How many cameras, microphones and screens the page has open."""
        count: int = self.person.evaluate("probe.live()")
        return count

    def complaints(self) -> list[str]:
        """What the page reported of errors."""
        return [line for line in self.person.console if line.startswith(("error", "page error"))]

    def _moves(self, likeness: Likeness, seen: dict[int, int]) -> bool:
        for picture in self.pictures():
            if not picture.is_of(likeness):
                continue
            if picture.frames >= seen.setdefault(picture.element, picture.frames) + 2:
                return True
        return False

    def _status(self, attribute: str) -> str:
        return self.page.get_by_test_id("status").get_attribute(attribute) or ""
