"""People: each a Chromium process of his own, with a camera and a microphone that tell him apart."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, Playwright, WebSocket, sync_playwright

from support.internet import Machine
from support.island import Island
from support.likeness import Likeness

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROBE = (Path(__file__).parent / "probe.js").read_text()
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
    *("--autoplay-policy=no-user-gesture-required",),
)


class NoBrowser(AssertionError):
    """There is no Chromium. That fails a run: it never skips it."""


def find_chromium(playwright: Playwright) -> str:
    """The system's Chromium on PATH, else the one that Playwright itself installed."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    raise NoBrowser(
        "No Chromium found. Install one (Debian: apt-get install chromium), or let Playwright do it:"
        " python -m playwright install chromium"
    )


@dataclass(slots=True)
class Wire:
    """All that a page sent and got on WebSockets: where an eavesdropper would find tokens."""

    urls: list[str] = field(default_factory=list)
    sent: list[str | bytes] = field(default_factory=list)
    got: list[str | bytes] = field(default_factory=list)
    # Where anything came from at all.
    answered: list[str] = field(default_factory=list)

    def watch(self, socket: WebSocket) -> None:
        # Functions, not bound methods: Playwright hangs marks of its own on what it is handed.
        def keep_sent(frame: str | bytes) -> None:
            self.sent.append(frame)

        def keep_got(frame: str | bytes) -> None:
            self.got.append(frame)
            if socket.url not in self.answered:
                self.answered.append(socket.url)

        self.urls.append(socket.url)
        socket.on("framesent", keep_sent)
        socket.on("framereceived", keep_got)

    def forget(self) -> None:
        for kept in (self.urls, self.sent, self.got, self.answered):
            kept.clear()

    def received_text(self) -> str:
        """Every frame that came down, as text, whatever its type."""
        return "\n".join(
            frame if isinstance(frame, str) else frame.decode("latin-1") for frame in self.got
        )


class Person:
    """Someone in front of a browser."""

    def __init__(self, likeness: Likeness, browser: Browser, page: Page) -> None:
        self.likeness = likeness
        self.page = page
        self.wire = Wire()
        self.console: list[str] = []
        self._browser = browser
        wire = self.wire

        def watch(socket: WebSocket) -> None:
            wire.watch(socket)

        page.on("websocket", watch)
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"page error: {error}"))

    def close(self) -> None:
        self._browser.close()

    def processes(self) -> list[dict[str, Any]]:
        """The processes of his browser: each with its `type` and its `id`."""
        session = self._browser.new_browser_cdp_session()
        listed: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
        return listed

    def go_away(self) -> None:
        """Leave the page, with nothing remembered of it."""
        self.page.goto("about:blank")
        self.wire.forget()
        self.console.clear()

    def visit(self, address: str) -> None:
        """Open a page, and wait until it is there."""
        self.page.goto(address)

    def reload(self) -> None:
        self.page.reload()

    def evaluate(self, expression: str, argument: object = None) -> Any:  # noqa: ANN401 (untyped bytes enter)
        return self.page.evaluate(expression, argument)

    def save_evidence(self, file: Path) -> None:
        """Screen and console."""
        file.with_suffix(".txt").write_text("\n".join(self.console))
        with suppress(Error):
            self.page.screenshot(path=file.with_suffix(".png"))


class Town:
    """Where people come from. Everyone who was called in is sent home at the end."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._playwright = playwright
        self._folder = folder
        self._chromium = find_chromium(playwright)
        self.people: list[Person] = []

    def call(
        self,
        likeness: Likeness,
        *,
        width: int = 320,
        height: int = 180,
        cameras: int = 1,
        on: Island | Machine | None = None,
        probed: bool = True,
        trusting: bool = False,
    ) -> Person:
        """Someone new, in a browser process of his own. Several cameras show the browser's films.

        `on`: the network that he has, if it is another than ours. `probed`: whether his pages have
        the probe, which remembers all that ever sounded. `trusting`: whether he takes a certificate
        that nobody told him to trust, media over TLS included.
        """
        films = f"--use-file-for-fake-video-capture={likeness.film(self._folder, width, height)}"
        if cameras > 1:
            films = f"--use-fake-device-for-media-stream=device-count={cameras}"
        voice = likeness.voice(self._folder)
        browser = self._playwright.chromium.launch(
            executable_path=on.command(self._chromium, self._folder) if on else self._chromium,
            args=[
                *QUIET,
                *(["--ignore-certificate-errors"] if trusting else []),
                films,
                f"--use-file-for-fake-audio-capture={voice}",
            ],
        )
        context = browser.new_context(viewport={"width": 1000, "height": 700})
        if probed:
            context.add_init_script(PROBE)
        person = Person(likeness, browser, context.new_page())
        self.people.append(person)
        return person

    def send_home(self, person: Person) -> None:
        self.people.remove(person)
        person.close()

    def save_evidence(self, folder: Path) -> None:
        """Everyone's screen and console."""
        for number, person in enumerate(self.people):
            person.save_evidence(folder / f"{number}-{person.likeness.name}")

    def empty(self) -> None:
        while self.people:
            self.people.pop().close()


@contextmanager
def stage() -> Iterator[Playwright]:
    """Playwright, for as long as the block lasts: one is enough for many towns."""
    with sync_playwright() as playwright:
        yield playwright
